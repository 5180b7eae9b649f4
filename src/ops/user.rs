//! `passport user ...`: what an operator does with one account, beside a running service.

use serde_json::{Value, json};

use crate::{
    account::{Operator, Shown},
    storage::Error,
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
pub async fn run_user_command(operator: &Operator, action: UserAction, id: i64) -> Result<Option<String>, Error> {
    let (found, done) = match action {
        UserAction::Show => return Ok(operator.show(id).await?.map(|shown| format!("{:#}", json(&shown)))),
        UserAction::Disable => (operator.disable(id).await?, "disabled, and all tokens ended"),
        UserAction::Enable => (operator.enable(id).await?, "enabled"),
        UserAction::Delete => (operator.delete(id).await?, "deleted"),
        UserAction::LogOut => (operator.log_out(id).await?, "logged out everywhere"),
    };
    Ok(found.then(|| format!("user {id}: {done}")))
}

fn json(shown: &Shown) -> Value {
    let user = &shown.user;
    let identities: Vec<Value> = shown
        .identities
        .iter()
        .map(|identity| json!({"appid": identity.appid, "openid": identity.openid, "unionid": identity.unionid}))
        .collect();
    json!({
        "id": user.id,
        "mobile": user.phone.as_ref().map(|phone| phone.as_str()),
        "status": if user.disabled { "disabled" } else { "active" },
        "spread_id": user.promoter_id,
        "identities": identities,
        "live_tokens": shown.live_tokens,
    })
}
