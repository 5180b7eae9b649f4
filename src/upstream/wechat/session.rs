use crate::types::Secret;

use super::{
    answer,
    api::Api,
    error::{Call, WechatError},
    retry::Retry,
};

/// A user as a login code names them.
#[derive(Clone)]
pub struct WechatSession {
    /// The user's name within the mini program.
    pub openid: String,
    /// The user's name within all apps of one owner; absent when the mini program is bound to no open platform.
    pub unionid: Option<String>,
    pub session_key: Secret,
}

pub(super) async fn fetch(api: &Api, code: &str) -> Result<WechatSession, WechatError> {
    api.within_budget(Call::Session, async {
        let mut retry = Retry::new(api.random());
        loop {
            match api.session(code).await.and_then(|body| answer::session(&body)) {
                Ok(session) => return Ok(session),
                Err(fault) if retry.allows(Call::Session, &fault).await => {}
                Err(fault) => return Err(fault.report(Call::Session)),
            }
        }
    })
    .await
}
