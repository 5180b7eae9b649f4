use crate::types::Phone;

use super::{
    access_token::AccessTokens,
    answer,
    api::Api,
    error::{Call, WechatError},
    retry::Retry,
};

pub(super) async fn fetch(
    api: &Api,
    access_tokens: &AccessTokens,
    code: &str,
    openid: Option<&str>,
) -> Result<Phone, WechatError> {
    api.within_budget(Call::Phone, async {
        let mut retry = Retry::new(api.random());
        let mut renewed = false;
        loop {
            let access_token = access_tokens.get().await?;
            let answer = api.phone(&access_token, code, openid).await;
            match answer.and_then(|body| answer::phone(&body, api.mini_appid())) {
                Ok(phone) => return Ok(phone),
                Err(fault) if fault.is_stale_access_token() => {
                    access_tokens.forget(&access_token);
                    if renewed {
                        return Err(fault.report(Call::Phone));
                    }
                    renewed = true;
                }
                Err(fault) if retry.allows(Call::Phone, &fault).await => {}
                Err(fault) => return Err(fault.report(Call::Phone)),
            }
        }
    })
    .await
}
