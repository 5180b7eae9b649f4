use serde::Deserialize;
use serde_json::Value;

use crate::{account::WechatProfile, http::RequestError};

/// Parses the `userInfo` of a mini program. Values that cannot be used are dropped.
pub(super) fn wechat_profile(text: Option<&str>) -> Result<WechatProfile, RequestError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct UserInfo {
        nick_name: Option<Value>,
        avatar_url: Option<Value>,
        gender: Option<Value>,
    }
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(WechatProfile::default()) };
    let info: UserInfo =
        serde_json::from_str(text).map_err(|_| RequestError::BadField("userInfo必须是JSON字符串".to_owned()))?;
    let text = |value: Option<Value>, usable: fn(&str) -> bool| {
        value.as_ref().and_then(Value::as_str).filter(|text| usable(text)).map(str::to_owned)
    };
    Ok(WechatProfile {
        nickname: text(info.nick_name, |name| {
            !name.trim().is_empty() && name.chars().count() <= 32 && !name.chars().any(char::is_control)
        }),
        avatar: text(info.avatar_url, |url| {
            url.len() <= 512
                && !url.chars().any(char::is_control)
                && url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
        }),
        sex: info.gender.and_then(|gender| gender.as_i64()).and_then(|sex| i16::try_from(sex).ok()),
    })
}
