use super::{
    identity::{WechatIdentity, WechatProfile},
    outcome::Login,
};
use crate::{
    account::{
        Account, Error, SessionPolicy,
        audit::{AuditEntry, Event, Method},
    },
    types::ClientIp,
    upstream::wechat::WechatSession,
};

impl Account {
    /// Logs in the person behind a `wx.login` code of the mini program; their account is created at the first login.
    /// `profile` is what they say about themselves.
    pub async fn log_in_with_mini_program(
        &self,
        code: &str,
        profile: WechatProfile,
        policy: &SessionPolicy,
        client: &ClientIp,
    ) -> Result<Login, Error> {
        // Taken first, so that requests with the same code share one call to WeChat.
        let code = self.0.wechat.login_code(code);
        self.check_code_failures(client).await?;
        let entry = AuditEntry::new(Event::Login, Method::MiniProgram, client);
        let login = async {
            let WechatSession { openid, unionid, session_key } =
                self.map_wechat_error(code.session().await, client).await?;
            let appid = self.0.wechat.mini_appid().to_owned();
            let identity = WechatIdentity { appid, openid, unionid, session_key: Some(session_key), profile };
            self.log_in_identity(identity, policy, &entry).await
        };
        let login = entry.finish(login.await)?;
        self.remember_network(&login.user, policy, client).await;
        Ok(login)
    }
}
