//! `passport user ...`: shows or changes one account, alongside a running service.

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::{
    account::{Admin, UserDetails},
    storage::Error,
    types::UserId,
};

/// What `passport user` does.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UserAction {
    /// Print the account as JSON
    Show,
    /// Close the account and end its tokens
    Disable,
    /// Open a disabled account
    Enable,
    /// Delete the account with its identities
    Delete,
    /// End every token of the account
    Logout,
}

/// Runs the action and returns the line to print; `None` when there is no such user.
pub async fn run_user_command(admin: &Admin, action: UserAction, id: UserId) -> Result<Option<String>, Error> {
    let (found, done) = match action {
        UserAction::Show => return Ok(admin.show(id).await?.map(|details| format!("{:#}", json(&details)))),
        UserAction::Disable => (admin.disable(id).await?, "disabled, and all tokens ended"),
        UserAction::Enable => (admin.enable(id).await?, "enabled"),
        UserAction::Delete => (admin.delete(id).await?, "deleted"),
        UserAction::Logout => (admin.log_out(id).await?, "logged out everywhere"),
    };
    Ok(found.then(|| format!("user {id}: {done}")))
}

fn json(details: &UserDetails) -> Value {
    let user = &details.user;
    let identities: Vec<Value> = details
        .identities
        .iter()
        .map(|identity| json!({"appid": identity.key.app, "openid": identity.key.subject, "unionid": identity.union}))
        .collect();
    json!({
        "id": user.id.get(),
        "mobile": user.phone.as_ref().map(|phone| phone.as_str()),
        "status": if user.disabled { "disabled" } else { "active" },
        "spread_id": user.promoter.map(UserId::get),
        "identities": identities,
        "live_tokens": details.live_tokens,
    })
}
