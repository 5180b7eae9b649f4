//! `passport user ...`: shows or changes one account, beside a running service.

use serde_json::{Value, json};

use crate::{
    account::{Admin, UserDetails},
    storage::Error,
    types::UserId,
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum UserAction {
    Show,
    Disable,
    Enable,
    Delete,
    LogOut,
}

/// Does it and returns the line to print; `None` when there is no such user.
pub async fn run_user_command(admin: &Admin, action: UserAction, id: UserId) -> Result<Option<String>, Error> {
    let (found, done) = match action {
        UserAction::Show => return Ok(admin.show(id).await?.map(|shown| format!("{:#}", json(&shown)))),
        UserAction::Disable => (admin.disable(id).await?, "disabled, and all tokens ended"),
        UserAction::Enable => (admin.enable(id).await?, "enabled"),
        UserAction::Delete => (admin.delete(id).await?, "deleted"),
        UserAction::LogOut => (admin.log_out(id).await?, "logged out everywhere"),
    };
    Ok(found.then(|| format!("user {id}: {done}")))
}

fn json(shown: &UserDetails) -> Value {
    let user = &shown.user;
    let identities: Vec<Value> = shown
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
        "live_tokens": shown.live_tokens,
    })
}
