//! What is wrong with the fields of a request: words that say what, HTTP 200, and nothing is written.

use serde_json::{Value, json};

use super::{ANNA, BERTA};
use crate::service::{PASSWORD, Service, Stored};

/// A path with fields that are good but for what the case puts in their place.
fn operations() -> [(&'static str, Value); 6] {
    let new_password = json!({"username": ANNA, "password": PASSWORD, "code": "123456"});
    [
        ("/users/login", json!({"username": ANNA, "password": PASSWORD})),
        ("/users/register", new_password.clone()),
        ("/users/forget", new_password),
        ("/users/send_sms", json!({"username": ANNA, "type": "register"})),
        ("/wechat.auth/login", json!({"source": 2, "code": "wx_login_code_here"})),
        ("/wechat.auth/login", json!({"source": 1, "code": "wx_login_code_here", "state": "x", "userInfo": "{}"})),
    ]
}

/// What stands in the field, nothing when it is missing, and the words.
type Case = (Option<Value>, String);

fn case(value: impl Into<Option<Value>>, words: impl Into<String>) -> Case {
    (value.into(), words.into())
}

/// A text that must be there and be no longer than that.
fn text(name: &str, min: usize, max: usize) -> (Vec<Case>, Vec<Case>) {
    let kind = format!("{name}必须是字符串");
    (
        vec![
            case(None, format!("缺少参数{name}")),
            case(json!(""), format!("{name}不能为空")),
            case(json!("x".repeat(max + 1)), format!("{name}长度须为{min}到{max}个字符")),
        ],
        vec![
            case(Value::Null, format!("{name}不能为空")),
            case(json!(12_345_678), kind.clone()),
            case(json!(true), kind.clone()),
            case(json!(["12345678"]), kind.clone()),
            case(json!({"$ne": ""}), kind),
        ],
    )
}

/// In either body type, and what only JSON can say.
fn cases(path: &str, field: &str, source: &Value) -> (Vec<Case>, Vec<Case>) {
    let mobile = "手机号格式不正确,请输入11位手机号";
    match (path, field) {
        ("/users/login", "username") => {
            let (mut either, json) = text("手机号", 1, 64);
            either.push(case(json!("x\u{0}"), "手机号格式不正确"));
            either.push(case(json!("x\r\nevent=login outcome=ok"), "手机号格式不正确"));
            (either, json)
        }
        ("/users/login", "password") => text("密码", 1, 1024),
        (_, "username") => (
            vec![
                case(None, "请输入手机号"),
                case(json!(""), "请输入手机号"),
                case(json!("1802674032"), mobile),
                case(json!("180267403261"), mobile),
                case(json!("12026740326"), mobile),
                case(json!("1802674032a"), mobile),
                case(json!("+85291234567"), mobile),
                case(json!("+1 2025550123"), mobile),
                case(json!("18026740326' OR '1'='1"), mobile),
                case(json!("18026740326\r\nevent=login"), mobile),
                case(json!("18026740326\u{0}"), mobile),
                case(json!("一八零二六七四零三二六"), mobile),
                case(json!("1".repeat(5_000)), mobile),
            ],
            vec![
                case(Value::Null, "请输入手机号"),
                case(json!(18_026_740_326_i64), mobile),
                case(json!([ANNA]), mobile),
                case(json!({"mobile": ANNA}), mobile),
            ],
        ),
        (_, "password") => {
            let (mut either, json) = text("密码", 8, 64);
            either.push(case(json!("x7#kQ2p"), "密码长度须为8到64个字符"));
            (either, json)
        }
        ("/wechat.auth/login", "code") => {
            let (mut either, json) = text("code", 1, 256);
            either.push(case(json!("微信"), "code格式不正确"));
            either.push(case(json!("a b"), "code格式不正确"));
            either.push(case(json!("x\r\ny"), "code格式不正确"));
            (either, json)
        }
        (_, "code") => {
            let (mut either, json) = text("验证码", 6, 6);
            for wrong in ["12345a", "１２３４５６", "12 456", "' OR 1"] {
                either.push(case(json!(wrong), "验证码为6位数字"));
            }
            (either, json)
        }
        (_, "type") => {
            let words = "type须为register或password";
            let wrong = ["", "login", "REGISTER", "register ", "0"].map(|wrong| case(json!(wrong), words));
            let either = wrong.into_iter().chain([case(None, "缺少参数type")]).collect();
            (either, vec![case(Value::Null, words), case(json!(1), words), case(json!(["register"]), words)])
        }
        (_, "source") => {
            let words = "source须为1(公众号)或2(微信小程序)";
            let wrong = ["", "0", "3", "-1", "1.0", "公众号"].map(|wrong| case(json!(wrong), words));
            let either = wrong.into_iter().chain([case(None, "缺少参数source")]).collect();
            (either, vec![case(Value::Null, words), case(json!([1]), words), case(json!(true), words)])
        }
        (_, "state") if *source == 1 => {
            let (mut either, json) = text("state", 1, 128);
            either[0] = case(None, "缺少参数state,请重新授权");
            either.push(case(json!("状态"), "state格式不正确"));
            (either, json.into_iter().skip(1).collect())
        }
        (_, "userInfo") => {
            let (either, json) = text("userInfo", 0, 4096);
            (either.into_iter().skip(2).collect(), json.into_iter().skip(1).collect())
        }
        (path, field) => panic!("no cases for {field} of {path}"),
    }
}

#[tokio::test]
async fn a_bad_field_is_explained_in_either_body_type_and_nothing_is_written() {
    let service = Service::with(&[("PASSPORT_MALL__LIMITS__SMS_CALLS__MAX", "1000")]).await;
    service.register(BERTA).await;
    let before = but_for_calls(service.stored().await);
    for (path, fields) in operations() {
        for field in fields.as_object().expect("fields").keys() {
            let with = |value: Option<Value>| {
                let mut fields = fields.clone();
                match value {
                    Some(value) => fields[field] = value,
                    None => _ = fields.as_object_mut().expect("fields").remove(field),
                }
                fields
            };
            let (either, only_json) = cases(path, field, &fields["source"]);
            for (value, words) in &either {
                service.post_json(path, &with(value.clone())).await.failed(words);
                service.post_as_form(path, &with(value.clone())).await.failed(words);
            }
            for (value, words) in &only_json {
                service.post_json(path, &with(value.clone())).await.failed(words);
            }
            assert_eq!(but_for_calls(service.stored().await), before, "{path} {field}");
        }
    }
}

/// What is stored, but for the calls for an SMS, every one of which counts.
fn but_for_calls(mut stored: Stored) -> Stored {
    stored.limits.retain(|limit| !limit.subject.starts_with("sms_calls:"));
    stored
}

#[tokio::test]
async fn the_registration_form_at_the_login_address_is_held_to_the_same_rules() {
    let service = Service::start().await;
    let fields =
        |username: &str, password: &str, code: Value| json!({"username": username, "password": password, "code": code});
    for (fields, words) in [
        (fields("anna", PASSWORD, json!("123456")), "手机号格式不正确,请输入11位手机号"),
        (fields(ANNA, "short", json!("123456")), "密码长度须为8到64个字符"),
        (fields(ANNA, PASSWORD, json!("12345")), "验证码为6位数字"),
        (fields(ANNA, PASSWORD, json!("12345x")), "验证码为6位数字"),
        (fields(ANNA, PASSWORD, json!(123_456)), "验证码必须是字符串"),
    ] {
        service.post_json("/users/login", &fields).await.failed(words);
    }
    assert!(service.stored().await.limits.is_empty());
}

#[tokio::test]
async fn what_looks_like_sql_is_only_an_unknown_name_or_a_password() {
    let service = Service::start().await;
    service.register(ANNA).await;
    for text in ["' OR '1'='1' --", "1;DROP TABLE users;--", "\" OR \"\"=\"", "%", "_", "\\", "${jndi:ldap://x}"] {
        service.password_login(text, text).await.failed("账号或密码错误");
    }
    service.write("DELETE FROM limit_windows").await;
    let password = "'); DROP TABLE users;--";
    service.wait_for_the_next_code();
    service.forget(ANNA, password).await;
    service.password_login(ANNA, password).await.member("登录成功");
    assert_eq!(service.stored().await.users.len(), 1);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_with_its_status() {
    let service = Service::start().await;
    for path in [
        "/users/login",
        "/users/register",
        "/users/forget",
        "/users/send_sms",
        "/users/autologin",
        "/wechat.auth/login",
    ] {
        let post = |kind: &str, body: Vec<u8>| {
            service.request(reqwest::Method::POST, path).header("content-type", kind.to_owned()).body(body)
        };
        for (kind, body, status, words) in [
            ("application/json", b"{".to_vec(), 400, "请求体不是有效的JSON"),
            ("application/json", b"[]".to_vec(), 400, "请求体必须是JSON对象"),
            ("text/plain", b"x".to_vec(), 415, "Content-Type须为application/json或application/x-www-form-urlencoded"),
            ("application/json", vec![b' '; 65 * 1024], 413, "请求体过大,最大64KB"),
        ] {
            service.send(post(kind, body)).await.failed_with(status, words);
        }
    }
    for path in ["/users/", "/users/nothing", "/users/Login", "/wechat.auth/", "/wechat.auth/login/x"] {
        service.post_json(path, &json!({})).await.failed_with(404, "接口不存在");
    }
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let service = Service::start().await;
    let code = service.sms_code(ANNA, "register").await;
    let fields = json!({
        "username": ANNA, "password": PASSWORD, "code": code, "id": 7, "point": 1_000_000, "amount": "9.99",
        "is_spread": false, "": null, "__proto__": {},
    });
    let anna = service.post_json("/users/register", &fields).await.member("注册成功");
    assert_eq!((anna.id, &anna.profile["point"], &anna.profile["amount"]), (1, &json!(0), &json!("0.00")));
}

#[tokio::test]
async fn a_call_for_an_sms_counts_for_its_address_also_when_its_fields_are_wrong() {
    let service = Service::start().await;
    for number in 0..20 {
        let wrong = json!({"username": format!("{number}"), "type": "register"});
        service.post_json("/users/send_sms", &wrong).await.failed("手机号格式不正确,请输入11位手机号");
    }
    let good = json!({"username": ANNA, "type": "register"});
    service.post_json("/users/send_sms", &good).await.failed("短信发送过于频繁,请1小时后再试");
}
