//! Reading WeChat's answers: from bytes, whatever type and charset they claim to have, and believing nothing.
//!
//! The messages of a failed parse can quote the answer, so they are dropped here.

use serde::{Deserialize, de::DeserializeOwned};

use serde_json::Value;
use url::Url;

use crate::types::{Phone, Secret};

use super::{
    WechatSession,
    access_token::Issued,
    error::Fault,
    official::{Profile, Visit},
};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The longest values that are believed, in characters: WeChat documents 28 for an openid or unionid, 24 for a
/// session key, and at least 512 for an access token.
const LONGEST_ID: usize = 64;
const LONGEST_SESSION_KEY: usize = 512;
const LONGEST_ACCESS_TOKEN: usize = 2048;
const LONGEST_NICKNAME: usize = 64;
const LONGEST_AVATAR: usize = 512;

/// A whole number, which WeChat writes as a number or as a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Number(i64),
    Text(String),
}

#[derive(Deserialize)]
struct Outcome {
    errcode: Option<Number>,
}

#[derive(Deserialize)]
struct Session {
    openid: Option<String>,
    unionid: Option<String>,
    session_key: Option<Secret>,
}

#[derive(Deserialize)]
struct AccessToken {
    access_token: Option<Secret>,
    expires_in: Option<Number>,
}

#[derive(Deserialize)]
struct PhoneNumber {
    phone_info: PhoneInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhoneInfo {
    pure_phone_number: String,
    country_code: Number,
    watermark: Watermark,
}

#[derive(Deserialize)]
struct Watermark {
    appid: String,
}

#[derive(Deserialize)]
struct OAuthToken {
    access_token: Option<Secret>,
    openid: Option<String>,
    unionid: Option<String>,
    scope: Option<String>,
    is_snapshotuser: Option<Number>,
}

/// What people wrote about themselves is taken as it is usable: a login does not fail by it.
#[derive(Deserialize)]
struct UserInfo {
    openid: Option<String>,
    unionid: Option<String>,
    nickname: Option<Value>,
    sex: Option<Value>,
    headimgurl: Option<Value>,
}

/// Reads an answer of `jscode2session`.
pub(super) fn session(body: &[u8]) -> Result<WechatSession, Fault> {
    let Session { openid, unionid, session_key } = success(body)?;
    let openid = usable_openid(openid)?;
    let session_key = session_key
        .filter(|key| is_visible(key.expose(), LONGEST_SESSION_KEY))
        .ok_or(Fault::Unreadable("no usable session_key"))?;
    let unionid = usable_unionid(unionid)?;
    Ok(WechatSession { openid, unionid, session_key })
}

/// Reads an answer of `stable_token`.
pub(super) fn access_token(body: &[u8]) -> Result<Issued, Fault> {
    let AccessToken { access_token, expires_in } = success(body)?;
    let token = usable_token(access_token)?;
    let expires_in = expires_in
        .and_then(Number::value)
        .and_then(|seconds| u32::try_from(seconds).ok())
        .filter(|seconds| *seconds > 0)
        .ok_or(Fault::Unreadable("no usable expires_in"))?;
    Ok(Issued { token, expires_in })
}

/// Reads an answer of `getuserphonenumber`, which must have been given to the app with `appid`.
pub(super) fn phone(body: &[u8], appid: &str) -> Result<Phone, Fault> {
    let PhoneNumber { phone_info } = success(body)?;
    if phone_info.watermark.appid != appid {
        return Err(Fault::ForeignApp);
    }
    let country_code = match phone_info.country_code {
        Number::Number(code) => code.to_string(),
        Number::Text(code) => code,
    };
    Phone::international(&country_code, &phone_info.pure_phone_number)
        .ok_or(Fault::Unreadable("no usable phone number"))
}

/// Reads an answer of `oauth2/access_token`.
pub(super) fn visit(body: &[u8]) -> Result<Visit, Fault> {
    let OAuthToken { access_token, openid, unionid, scope, is_snapshotuser } = success(body)?;
    match is_snapshotuser.map(Number::value) {
        None | Some(Some(0)) => {}
        Some(Some(_)) => return Err(Fault::Snapshot),
        Some(None) => return Err(Fault::Unreadable("no usable is_snapshotuser")),
    }
    let scope = scope.unwrap_or_default();
    Ok(Visit {
        access_token: usable_token(access_token)?,
        openid: usable_openid(openid)?,
        unionid: usable_unionid(unionid)?,
        may_see_profile: scope.split([',', ' ']).any(|scope| scope == "snsapi_userinfo"),
    })
}

/// Reads an answer of `userinfo`, which must be about the visitor with `openid`.
pub(super) fn profile(body: &[u8], openid: &str) -> Result<Profile, Fault> {
    let UserInfo { openid: answered, unionid, nickname, sex, headimgurl } = success(body)?;
    if answered.as_deref() != Some(openid) {
        return Err(Fault::Unreadable("no usable openid"));
    }
    Ok(Profile {
        unionid: usable_unionid(unionid)?,
        nickname: nickname.as_ref().and_then(Value::as_str).and_then(usable_nickname),
        sex: sex.and_then(|sex| serde_json::from_value(sex).ok()).and_then(usable_sex),
        avatar: headimgurl.as_ref().and_then(Value::as_str).filter(|url| is_picture(url)).map(str::to_owned),
    })
}

fn usable_openid(openid: Option<String>) -> Result<String, Fault> {
    openid.filter(|id| is_visible(id, LONGEST_ID)).ok_or(Fault::Unreadable("no usable openid"))
}

fn usable_unionid(unionid: Option<String>) -> Result<Option<String>, Fault> {
    match unionid.filter(|id| !id.is_empty()) {
        Some(id) if !is_visible(&id, LONGEST_ID) => Err(Fault::Unreadable("no usable unionid")),
        unionid => Ok(unionid),
    }
}

fn usable_token(token: Option<Secret>) -> Result<Secret, Fault> {
    token
        .filter(|token| is_visible(token.expose(), LONGEST_ACCESS_TOKEN))
        .ok_or(Fault::Unreadable("no usable access_token"))
}

fn usable_nickname(nickname: &str) -> Option<String> {
    let nickname = nickname.trim();
    let usable = (1..=LONGEST_NICKNAME).contains(&nickname.chars().count()) && !nickname.contains(char::is_control);
    usable.then(|| nickname.to_owned())
}

fn usable_sex(sex: Number) -> Option<i32> {
    sex.value().and_then(|sex| i32::try_from(sex).ok()).filter(|sex| (0..=2).contains(sex))
}

fn is_picture(url: &str) -> bool {
    url.len() <= LONGEST_AVATAR && Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// The document of a call that succeeded; the errcode of one that did not, whatever else it says.
fn success<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body).trim_ascii_start();
    // An object and nothing else: the parser would also take the fields from an array, by their order.
    if !body.starts_with(b"{") {
        return Err(Fault::Unreadable("not a JSON object"));
    }
    let outcome: Outcome = read(body)?;
    match outcome.errcode.map(Number::value) {
        None | Some(Some(0)) => read(body),
        Some(Some(errcode)) => Err(Fault::Errcode(errcode)),
        Some(None) => Err(Fault::Unreadable("no usable errcode")),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| {
        Fault::Unreadable(match error.is_data() {
            true => "JSON with fields of other types",
            false => "no JSON, or cut off",
        })
    })
}

fn is_visible(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl Number {
    fn value(self) -> Option<i64> {
        match self {
            Self::Number(value) => Some(value),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Random;

    const SESSION: &str = r#"{"session_key":"a2V5LTE=","openid":"oUser-1","unionid":"uUser_1"}"#;
    const TOKEN: &str = r#"{"access_token":"68_token-1","expires_in":7200}"#;
    const PHONE: &str = r#"{"errcode":0,"errmsg":"ok","phone_info":{"phoneNumber":"13800138000","purePhoneNumber":"13800138000","countryCode":86,"watermark":{"timestamp":1637744274,"appid":"wx1"}}}"#;

    const VISIT: &str = r#"{"access_token":"68_visit-1","expires_in":7200,"refresh_token":"68_r","openid":"oUser-1","scope":"snsapi_userinfo","unionid":"uUser_1"}"#;
    const PROFILE: &str = r#"{"openid":"oUser-1","nickname":"安娜","sex":2,"language":"","city":"","province":"","country":"","headimgurl":"https://thirdwx.qlogo.cn/mmopen/1/132","privilege":[],"unionid":"uUser_1"}"#;

    fn seen_visit(body: impl AsRef<[u8]>) -> String {
        match visit(body.as_ref()) {
            Ok(visit) => {
                let Visit { access_token, openid, unionid, may_see_profile } = visit;
                format!("{openid} {} {} {may_see_profile}", unionid.as_deref().unwrap_or("-"), access_token.expose())
            }
            Err(fault) => fault.to_string(),
        }
    }

    fn seen_profile(body: impl AsRef<[u8]>) -> String {
        match profile(body.as_ref(), "oUser-1") {
            Ok(profile) => {
                let Profile { unionid, nickname, sex, avatar } = profile;
                let sex = sex.map(|sex| sex.to_string());
                [unionid, nickname, sex, avatar].map(|text| text.unwrap_or_else(|| "-".to_owned())).join(" ")
            }
            Err(fault) => fault.to_string(),
        }
    }

    /// What was read, in one line that a table can name.
    fn seen_session(body: impl AsRef<[u8]>) -> String {
        match session(body.as_ref()) {
            Ok(session) => {
                format!(
                    "{} {} {}",
                    session.openid,
                    session.unionid.as_deref().unwrap_or("-"),
                    session.session_key.expose()
                )
            }
            Err(fault) => fault.to_string(),
        }
    }

    fn seen_phone(body: impl AsRef<[u8]>) -> String {
        match phone(body.as_ref(), "wx1") {
            Ok(phone) => phone.as_str().to_owned(),
            Err(fault) => fault.to_string(),
        }
    }

    fn seen_token(body: impl AsRef<[u8]>) -> String {
        match access_token(body.as_ref()) {
            Ok(issued) => format!("{} {}", issued.token.expose(), issued.expires_in),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn sessions_are_read_as_wechat_writes_them() {
        for (body, seen) in [
            (SESSION, "oUser-1 uUser_1 a2V5LTE="),
            (r#"{"openid":"o1","session_key":"k"}"#, "o1 - k"),
            (r#"{"openid":"o1","session_key":"k","unionid":""}"#, "o1 - k"),
            (r#"{"openid":"o1","session_key":"k","unionid":null,"errcode":null}"#, "o1 - k"),
            (r#"{"errcode":0,"errmsg":"ok","openid":"o1","session_key":"k","new":{"a":[1]}}"#, "o1 - k"),
            (r#"{"errcode":"0","openid":"o1","session_key":"k"}"#, "o1 - k"),
            (" \r\n{\"openid\":\"o1\",\"session_key\":\"k\"}\n", "o1 - k"),
            ("\u{feff}{\"openid\":\"o1\",\"session_key\":\"k\"}", "o1 - k"),
        ] {
            assert_eq!(seen_session(body), seen, "{body}");
        }
    }

    #[test]
    fn an_errcode_counts_more_than_whatever_stands_beside_it() {
        for (body, seen) in [
            (r#"{"errcode":40029,"errmsg":"invalid code, rid: 1-2-3"}"#.as_bytes(), "errcode 40029"),
            (br#"{"errcode":"40163"}"#, "errcode 40163"),
            (br#"{"errcode":-1,"errmsg":"system error"}"#, "errcode -1"),
            (br#"{"errcode":40226,"openid":"o1","session_key":"k"}"#, "errcode 40226"),
            (br#"{"errcode":40029,"openid":7,"session_key":[],"is_snapshotuser":1}"#, "errcode 40029"),
            // The message in GBK, which nobody reads.
            (b"{\"errcode\":40029,\"errmsg\":\"\xce\xde\xd0\xa7\"}", "errcode 40029"),
        ] {
            assert_eq!(seen_session(body), seen);
            assert_eq!(seen_phone(body), seen);
            assert_eq!(seen_token(body), seen);
            assert_eq!(seen_visit(body), seen);
            assert_eq!(seen_profile(body), seen);
        }
    }

    #[test]
    fn what_is_no_answer_of_wechat_is_unusable_for_every_call() {
        let bodies: &[&[u8]] = &[
            b"",
            b" ",
            b"\xef\xbb\xbf",
            b"null",
            b"[]",
            b"[40029]",
            b"40029",
            b"\"{}\"",
            b"{}",
            b"{\"errcode\":0}",
            b"{\"errcode\":40029",
            b"{\"errcode\":40029}}",
            b"{\"errcode\":4.5}",
            b"{\"errcode\":\"\"}",
            b"{\"errcode\":\"many\"}",
            b"{\"errcode\":{}}",
            b"{\"errcode\":true}",
            b"{\"errcode\":99999999999999999999}",
            b"{\"errcode\":1,\"errcode\":2}",
            b"<html><body>502 Bad Gateway</body></html>",
            b"openid=o1&session_key=k",
            b"\xff\xfe{\0}\0",
            b"\0\0\0\0",
        ];
        for body in bodies {
            for seen in [seen_session(body), seen_phone(body), seen_token(body), seen_visit(body), seen_profile(body)] {
                assert!(seen.starts_with("an unusable answer"), "{}: {seen}", String::from_utf8_lossy(body));
            }
        }
    }

    #[test]
    fn an_answer_that_was_cut_off_is_unusable_wherever_the_cut_is() {
        for cut in 0..SESSION.len() {
            assert!(seen_session(&SESSION[..cut]).starts_with("an unusable answer"), "{cut}");
        }
        for cut in 0..PHONE.len() {
            assert!(seen_phone(&PHONE[..cut]).starts_with("an unusable answer"), "{cut}");
        }
        for cut in 0..TOKEN.len() {
            assert!(seen_token(&TOKEN[..cut]).starts_with("an unusable answer"), "{cut}");
        }
        for cut in 0..VISIT.len() {
            assert!(seen_visit(&VISIT[..cut]).starts_with("an unusable answer"), "{cut}");
        }
        for cut in 0..PROFILE.len() {
            assert!(seen_profile(&PROFILE.as_bytes()[..cut]).starts_with("an unusable answer"), "{cut}");
        }
    }

    #[test]
    fn a_session_without_usable_names_is_none() {
        let long = "o".repeat(65);
        let long_key = "k".repeat(513);
        for (body, seen) in [
            (r#"{"openid":"o1"}"#.to_owned(), "no usable session_key"),
            (r#"{"openid":"o1","session_key":""}"#.to_owned(), "no usable session_key"),
            (format!(r#"{{"openid":"o1","session_key":"{long_key}"}}"#), "no usable session_key"),
            (r#"{"session_key":"k"}"#.to_owned(), "no usable openid"),
            (r#"{"openid":"","session_key":"k"}"#.to_owned(), "no usable openid"),
            (r#"{"openid":"o 1","session_key":"k"}"#.to_owned(), "no usable openid"),
            (r#"{"openid":"o\n1","session_key":"k"}"#.to_owned(), "no usable openid"),
            (r#"{"openid":"用户","session_key":"k"}"#.to_owned(), "no usable openid"),
            (format!(r#"{{"openid":"{long}","session_key":"k"}}"#), "no usable openid"),
            (format!(r#"{{"openid":"o1","session_key":"k","unionid":"{long}"}}"#), "no usable unionid"),
            (r#"{"openid":1,"session_key":"k"}"#.to_owned(), "fields of other types"),
            (r#"{"openid":"o1","session_key":{"a":1}}"#.to_owned(), "fields of other types"),
        ] {
            assert!(seen_session(&body).contains(seen), "{body}: {}", seen_session(&body));
        }
        assert!(seen_session(b"{\"openid\":\"\xb0\xa1\",\"session_key\":\"k\"}").starts_with("an unusable answer"));
    }

    #[test]
    fn visits_are_read_as_wechat_writes_them() {
        let visit = |more: &str| seen_visit(format!(r#"{{"access_token":"t","openid":"o1"{more}}}"#));
        assert_eq!(seen_visit(VISIT), "oUser-1 uUser_1 68_visit-1 true");
        for (more, seen) in [
            (r#","scope":"snsapi_userinfo""#, "o1 - t true"),
            (r#","scope":"snsapi_base,snsapi_userinfo","is_snapshotuser":0"#, "o1 - t true"),
            (r#","scope":"snsapi_base","unionid":"""#, "o1 - t false"),
            (r#","scope":"snsapi_userinfos""#, "o1 - t false"),
            ("", "o1 - t false"),
            (r#","scope":"snsapi_userinfo","is_snapshotuser":1"#, "a snapshot user"),
            (r#","is_snapshotuser":"1""#, "a snapshot user"),
            (r#","is_snapshotuser":"yes""#, "an unusable answer: no usable is_snapshotuser"),
            (r#","unionid":"u 1""#, "an unusable answer: no usable unionid"),
            (r#","scope":["snsapi_userinfo"]"#, "an unusable answer: JSON with fields of other types"),
        ] {
            assert_eq!(visit(more), seen, "{more}");
        }
        for body in [
            r#"{"openid":"o1"}"#,
            r#"{"openid":"o1","access_token":""}"#,
            r#"{"access_token":"t"}"#,
            r#"{"access_token":"t","openid":""}"#,
            r#"{"access_token":"t","openid":"o\u0000"}"#,
        ] {
            assert!(seen_visit(body).starts_with("an unusable answer"), "{body}");
        }
    }

    #[test]
    fn a_profile_is_taken_as_far_as_it_is_of_use_and_only_the_visitors_own() {
        assert_eq!(seen_profile(PROFILE), "uUser_1 安娜 2 https://thirdwx.qlogo.cn/mmopen/1/132");
        let profile = |more: &str| seen_profile(format!(r#"{{"openid":"oUser-1"{more}}}"#));
        let longest = "娜".repeat(64);
        assert_eq!(profile(&format!(r#","nickname":"{longest}""#)), format!("- {longest} - -"));
        for (more, seen) in [
            (r#","nickname":" 安娜 ","sex":"1""#, "- 安娜 1 -"),
            (r#","sex":0,"headimgurl":"http://a.example/b""#, "- - 0 http://a.example/b"),
            ("", "- - - -"),
            (r#","nickname":"","sex":3,"headimgurl":"""#, "- - - -"),
            (r#","nickname":7,"sex":[],"headimgurl":{}"#, "- - - -"),
            (r#","nickname":"a\nb","sex":-1,"headimgurl":"javascript:x""#, "- - - -"),
            (&format!(r#","nickname":"{longest}娜""#), "- - - -"),
            (&format!(r#","headimgurl":"https://a.example/{}""#, "b".repeat(512)), "- - - -"),
            (r#","unionid":"u 1""#, "an unusable answer: no usable unionid"),
        ] {
            assert_eq!(profile(more), seen, "{more}");
        }
        for body in [r#"{"nickname":"安娜"}"#, r#"{"openid":"oUser-2","nickname":"安娜"}"#] {
            assert_eq!(seen_profile(body), "an unusable answer: no usable openid", "{body}");
        }
    }

    #[test]
    fn phones_are_read_with_their_country_and_only_for_our_app() {
        let phone = |number: &str, country: &str, watermark: &str| {
            seen_phone(format!(
                r#"{{"errcode":0,"phone_info":{{"purePhoneNumber":{number},"countryCode":{country},"watermark":{watermark}}}}}"#
            ))
        };
        let ours = r#"{"timestamp":1,"appid":"wx1"}"#;
        assert_eq!(seen_phone(PHONE), "13800138000");
        assert_eq!(phone(r#""13800138000""#, r#""86""#, ours), "13800138000");
        assert_eq!(phone(r#""91234567""#, "852", ours), "+85291234567");
        assert_eq!(phone(r#""13800138000""#, "86", r#"{"appid":"wx2"}"#), "a number given to another app");
        for (number, country, watermark) in [
            (r#""""#, "86", ours),
            (r#""12345""#, "86", ours),
            ("13800138000", "86", ours),
            (r#""13800138000""#, "null", ours),
            (r#""13800138000""#, "-86", ours),
            (r#""13800138000""#, r#""""#, ours),
            (r#""13800138000""#, "86", "null"),
            (r#""13800138000""#, "86", "{}"),
        ] {
            let seen = phone(number, country, watermark);
            assert!(seen.starts_with("an unusable answer"), "{number} {country} {watermark}: {seen}");
        }
    }

    #[test]
    fn an_access_token_has_a_bounded_length_and_a_life() {
        assert_eq!(seen_token(TOKEN), "68_token-1 7200");
        assert_eq!(seen_token(r#"{"access_token":"t","expires_in":"60"}"#), "t 60");
        let longest = "t".repeat(2048);
        assert_eq!(seen_token(format!(r#"{{"access_token":"{longest}","expires_in":1}}"#)), format!("{longest} 1"));
        for body in [
            r#"{"access_token":"t"}"#.to_owned(),
            r#"{"access_token":"t","expires_in":0}"#.to_owned(),
            r#"{"access_token":"t","expires_in":-7200}"#.to_owned(),
            r#"{"access_token":"t","expires_in":99999999999}"#.to_owned(),
            r#"{"access_token":"","expires_in":7200}"#.to_owned(),
            r#"{"access_token":"a b","expires_in":7200}"#.to_owned(),
            format!(r#"{{"access_token":"{longest}t","expires_in":1}}"#),
        ] {
            assert!(seen_token(&body).starts_with("an unusable answer"), "{body}");
        }
    }

    #[test]
    fn whatever_arrives_is_either_believed_whole_or_refused() {
        let random = Random::seeded(2026);
        let below = |end: usize| random.below(end as u64) as usize;
        for _ in 0..10_000 {
            let mut body = [SESSION, TOKEN, PHONE, VISIT, PROFILE][below(5)].as_bytes().to_vec();
            for _ in 0..=below(6) {
                let at = below(body.len() + 1);
                match below(5) {
                    0 => body.truncate(at),
                    1 => body.insert(at, random.bytes::<1>()[0]),
                    2 => body.insert(at, br#"{}[]",:\0-e"#[below(11)]),
                    3 if at < body.len() => body[at] = random.bytes::<1>()[0],
                    _ => body.extend_from_within(at..),
                }
            }
            if let Ok(session) = session(&body) {
                assert!(is_visible(&session.openid, 64) && is_visible(session.session_key.expose(), 512));
                assert!(session.unionid.is_none_or(|unionid| is_visible(&unionid, 64)));
            }
            if let Ok(issued) = access_token(&body) {
                assert!(is_visible(issued.token.expose(), 2048) && issued.expires_in > 0);
            }
            if let Ok(visit) = visit(&body) {
                assert!(is_visible(&visit.openid, 64) && is_visible(visit.access_token.expose(), 2048));
                assert!(visit.unionid.is_none_or(|unionid| is_visible(&unionid, 64)));
            }
            if let Ok(profile) = profile(&body, "oUser-1") {
                assert!(profile.unionid.is_none_or(|unionid| is_visible(&unionid, 64)));
                assert!(profile.nickname.is_none_or(|name| (1..=64).contains(&name.chars().count())));
                assert!(profile.sex.is_none_or(|sex| (0..=2).contains(&sex)));
                assert!(profile.avatar.is_none_or(|avatar| avatar.starts_with("http") && avatar.len() <= 512));
            }
            if let Ok(phone) = phone(&body, "wx1") {
                assert!(phone.as_str().bytes().all(|byte| byte.is_ascii_digit() || byte == b'+'));
            }
        }
    }
}
