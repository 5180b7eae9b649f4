//! What holds for every call: which errcodes mean what, what may be repeated, and what is no response.

use super::{
    access_token::{StableToken, tests as access_token},
    api::Call,
    code2session::{Code2Session, tests as code2session},
    error::{CallError, WechatError},
    oauth_token::{ExchangeOAuthCode, tests as oauth_token},
    phone::{GetPhoneNumber, tests as phone},
    response::is_visible,
    user_info::{GetUserInfo, tests as user_info},
};
use crate::{
    types::Random,
    upstream::{http::HttpError, mutation::mutated},
};

struct CallUnderTest {
    name: &'static str,
    spends_code: bool,
    /// A good response.
    example: &'static str,
    error: fn(&[u8]) -> Option<CallError>,
}

const SESSION: CallUnderTest =
    CallUnderTest::new::<Code2Session>(code2session::EXAMPLE, |body| code2session::parse(body).err());
const PHONE: CallUnderTest = CallUnderTest::new::<GetPhoneNumber>(phone::EXAMPLE, |body| phone::parse_ours(body).err());
const ACCESS_TOKEN: CallUnderTest =
    CallUnderTest::new::<StableToken>(access_token::EXAMPLE, |body| access_token::parse(body).err());
const OAUTH_TOKEN: CallUnderTest =
    CallUnderTest::new::<ExchangeOAuthCode>(oauth_token::EXAMPLE, |body| oauth_token::parse(body).err());
const USER_INFO: CallUnderTest =
    CallUnderTest::new::<GetUserInfo>(user_info::EXAMPLE, |body| user_info::parse(body).err());
const CALLS: [CallUnderTest; 5] = [SESSION, PHONE, ACCESS_TOKEN, OAUTH_TOKEN, USER_INFO];

impl CallUnderTest {
    const fn new<C: Call>(example: &'static str, error: fn(&[u8]) -> Option<CallError>) -> Self {
        Self { name: C::NAME, spends_code: C::SPENDS_CODE, example, error }
    }

    fn errcode(&self, errcode: i64) -> CallError {
        (self.error)(format!(r#"{{"errcode":{errcode}}}"#).as_bytes()).expect("an errcode is a failure")
    }

    fn reports(&self, errcodes: &[i64]) -> Vec<WechatError> {
        errcodes.iter().map(|errcode| self.errcode(*errcode).report(self.name)).collect()
    }

    fn cannot_use(&self, body: &[u8]) -> bool {
        matches!((self.error)(body), Some(CallError::Unreadable(_)))
    }
}

fn lost() -> CallError {
    CallError::Http(HttpError::Lost(String::new()))
}

#[test]
fn a_code_that_wechat_refuses_is_the_clients_to_mend() {
    for call in [SESSION, PHONE, OAUTH_TOKEN] {
        assert_eq!(call.reports(&[40029, 40163, 42003, 41008]), [WechatError::CodeInvalid; 4]);
        assert_eq!(call.reports(&[40226]), [WechatError::UserBlocked]);
    }
    assert_eq!(PHONE.reports(&[40003]), [WechatError::CodeInvalid]);
}

#[test]
fn every_other_errcode_is_an_unavailable_wechat() {
    let others = [-1, 1, 40013, 40125, 40164, 41002, 41004, 45009, 45011, 48001, 50002, i64::MIN, i64::MAX];
    for call in CALLS {
        assert_eq!(call.reports(&others), [WechatError::Unavailable; 13], "{}", call.name);
    }
    for call in [SESSION, ACCESS_TOKEN, OAUTH_TOKEN, USER_INFO] {
        assert_eq!(call.reports(&[40003]), [WechatError::Unavailable], "{}", call.name);
    }
    for call in [ACCESS_TOKEN, USER_INFO] {
        assert_eq!(call.reports(&[40029, 40226]), [WechatError::Unavailable; 2], "{}", call.name);
    }
}

#[test]
fn a_snapshot_user_is_no_user_and_is_not_asked_for_again() {
    assert!(!CallError::SnapshotUser.is_safe_to_repeat(OAUTH_TOKEN.spends_code));
    assert_eq!(CallError::SnapshotUser.report(OAUTH_TOKEN.name), WechatError::SnapshotUser);
}

#[test]
fn a_call_that_spends_a_code_is_repeated_only_when_nothing_was_spent() {
    let not_sent = || CallError::Http(HttpError::NotSent(String::new()));
    for call in [SESSION, PHONE, OAUTH_TOKEN] {
        for error in [not_sent(), call.errcode(-1), call.errcode(45011)] {
            assert!(error.is_safe_to_repeat(call.spends_code), "{} {error}", call.name);
        }
        let unsafe_ones =
            [lost(), CallError::TimedOut, CallError::Status(502), CallError::Unreadable(""), call.errcode(40029)];
        for error in unsafe_ones {
            assert!(!error.is_safe_to_repeat(call.spends_code), "{} {error}", call.name);
        }
    }
}

#[test]
fn a_call_that_spends_nothing_is_repeated_whatever_became_of_the_first() {
    for call in [ACCESS_TOKEN, USER_INFO] {
        let safe = [lost(), CallError::TimedOut, CallError::Status(502), CallError::Unreadable(""), call.errcode(-1)];
        for error in safe {
            assert!(error.is_safe_to_repeat(call.spends_code), "{} {error}", call.name);
        }
        for error in [CallError::Status(404), call.errcode(40125), call.errcode(45009)] {
            assert!(!error.is_safe_to_repeat(call.spends_code), "{} {error}", call.name);
        }
    }
}

#[test]
fn only_the_call_that_sends_an_access_token_takes_it_for_stale() {
    for errcode in [40001, 40014, 42001] {
        assert!(PHONE.errcode(errcode).is_stale_access_token(), "{errcode}");
        for call in [SESSION, ACCESS_TOKEN, OAUTH_TOKEN, USER_INFO] {
            assert!(!call.errcode(errcode).is_stale_access_token(), "{} {errcode}", call.name);
        }
        for call in CALLS {
            assert_eq!(call.reports(&[errcode]), [WechatError::Unavailable], "{}", call.name);
        }
    }
}

#[test]
fn an_errcode_counts_more_than_whatever_stands_beside_it() {
    for (body, expected) in [
        (r#"{"errcode":40029,"errmsg":"invalid code, rid: 1-2-3"}"#.as_bytes(), "errcode 40029"),
        (br#"{"errcode":"40163"}"#, "errcode 40163"),
        (br#"{"errcode":-1,"errmsg":"system error"}"#, "errcode -1"),
        (br#"{"errcode":40226,"openid":"o1","session_key":"k"}"#, "errcode 40226"),
        (br#"{"errcode":40029,"openid":7,"session_key":[],"is_snapshotuser":1}"#, "errcode 40029"),
        // The message in GBK, which is never read.
        (b"{\"errcode\":40029,\"errmsg\":\"\xce\xde\xd0\xa7\"}", "errcode 40029"),
    ] {
        for call in CALLS {
            assert_eq!((call.error)(body).map(|error| error.to_string()).as_deref(), Some(expected), "{}", call.name);
        }
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
        for call in CALLS {
            assert!(call.cannot_use(body), "{}: {}", call.name, String::from_utf8_lossy(body));
        }
    }
}

#[test]
fn an_answer_that_was_cut_off_is_unusable_wherever_the_cut_is() {
    for call in CALLS {
        for cut in 0..call.example.len() {
            assert!(call.cannot_use(&call.example.as_bytes()[..cut]), "{} {cut}", call.name);
        }
    }
}

#[test]
fn whatever_arrives_is_either_believed_whole_or_refused() {
    let random = Random::seeded(2026);
    for _ in 0..10_000 {
        let body = mutated(CALLS[random.below(5) as usize].example, 6, &random);
        if let Ok(session) = code2session::parse(&body) {
            assert!(is_visible(&session.openid, 64) && is_visible(session.session_key.expose(), 512));
            assert!(session.unionid.is_none_or(|unionid| is_visible(&unionid, 64)));
        }
        if let Ok((token, expires_in)) = access_token::parse(&body) {
            assert!(is_visible(token.expose(), 2048) && expires_in > 0);
        }
        if let Ok(token) = oauth_token::parse(&body) {
            assert!(is_visible(&token.openid, 64) && is_visible(token.access_token.expose(), 2048));
            assert!(token.unionid.is_none_or(|unionid| is_visible(&unionid, 64)));
        }
        if let Ok(profile) = user_info::parse(&body) {
            assert!(profile.unionid.is_none_or(|unionid| is_visible(&unionid, 64)));
            assert!(profile.nickname.is_none_or(|name| (1..=64).contains(&name.chars().count())));
            assert!(profile.sex.is_none_or(|sex| (0..=2).contains(&sex)));
            assert!(profile.avatar.is_none_or(|avatar| avatar.starts_with("http") && avatar.len() <= 512));
        }
        if let Ok(phone) = phone::parse_ours(&body) {
            assert!(phone.as_str().bytes().all(|byte| byte.is_ascii_digit() || byte == b'+'));
        }
    }
}
