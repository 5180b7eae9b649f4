//! What is wrong with the fields of a request: a message that names the field, and nothing is written.

use serde_json::{Value, json};

use crate::service::Service;

/// The fields of an operation; those that are not tried have good values.
struct Operation {
    path: &'static str,
    fields: Value,
}

/// Every POST with fields that are good but for what the case puts in their place.
fn operations(token: &str) -> [Operation; 6] {
    let operation = |path, fields| Operation { path, fields };
    [
        operation("/applet/login/wxLogin", json!({"code": "wx_login_code_here"})),
        operation("/applet/login/getPhoneNumber", json!({"code": "phone_code_here"})),
        operation("/applet/login/bindPhoneNumber", json!({"token": token, "phoneCode": "phone_code_here"})),
        operation("/applet/login/refreshToken", json!({"token": token})),
        operation("/applet/login/logout", json!({"token": token})),
        operation("/applet/login/updateUserInfo", json!({"token": token, "userInfo": {"bmi": 20}})),
    ]
}

/// A case: what stands in the field, nothing when it is missing, and the refusal.
type Case = (Option<Value>, u16, String);

fn case(value: impl Into<Option<Value>>, message: &str) -> Case {
    (value.into(), 400, message.to_owned())
}

/// What is wrong with a text in either body type.
fn bad_codes(name: &str) -> Vec<Case> {
    let pattern = &format!("{name}格式不正确");
    vec![
        case(None, &format!("缺少参数{name}")),
        case(json!(""), &format!("{name}不能为空")),
        case(json!("x".repeat(257)), &format!("{name}长度须为1到256个字符")),
        case(json!("微信"), pattern),
        case(json!(" "), pattern),
        case(json!("' OR 1=1 --"), pattern),
        case(json!("x\r\n2026-11-21T00:00:00Z WARN event=login"), pattern),
        case(json!("x\u{0}"), pattern),
        case(json!("\u{1}token无效\u{1}"), pattern),
    ]
}

/// What only JSON can say where a text is expected.
fn no_texts(name: &str) -> Vec<Case> {
    let kind = &format!("{name}必须是字符串");
    vec![
        case(Value::Null, &format!("{name}不能为空")),
        case(json!(5), kind),
        case(json!(true), kind),
        case(json!([]), kind),
        case(json!({"$ne": ""}), kind),
    ]
}

fn cases(field: &str) -> (Vec<Case>, Vec<Case>) {
    let invalid = |value: Option<Value>| (value, 401, "token无效".to_owned());
    match field {
        "token" => (
            vec![invalid(None), invalid(Some(json!(""))), invalid(Some(json!("x".repeat(5_000))))],
            no_texts(field).into_iter().skip(1).chain([invalid(Some(Value::Null))]).collect(),
        ),
        "userInfo" => (
            vec![
                case(None, "缺少参数userInfo"),
                case(Value::Null, "userInfo不能为空"),
                case(json!([]), "userInfo必须是对象"),
                case(json!(5), "userInfo必须是对象"),
            ],
            vec![case(json!("{}"), "userInfo必须是对象")],
        ),
        code => (bad_codes(code), no_texts(code)),
    }
}

#[tokio::test]
async fn a_bad_field_is_named_in_either_body_type_and_nothing_is_written() {
    let service = Service::start().await;
    let token = service.log_in("wx_alice").await.token;
    let before = service.stored().await;
    for Operation { path, fields } in operations(&token) {
        for field in fields.as_object().expect("fields").keys() {
            let with = |value: Option<Value>| {
                let mut fields = fields.clone();
                match value {
                    Some(value) => fields[field] = value,
                    None => _ = fields.as_object_mut().expect("fields").remove(field),
                }
                fields
            };
            let (either, only_json) = cases(field);
            for (value, code, message) in &either {
                service.post_json(path, &with(value.clone())).await.refused(*code, message);
                service.post_as_form(path, &with(value.clone())).await.refused(*code, message);
            }
            for (value, code, message) in &only_json {
                service.post_json(path, &with(value.clone())).await.refused(*code, message);
            }
            assert_eq!(service.stored().await, before, "{path} {field}");
        }
    }
    service.check_login(&token).await.result("登录有效");
}

#[tokio::test]
async fn what_is_no_json_text_in_a_form_is_refused() {
    let service = Service::start().await;
    let token = service.log_in("wx_alice").await.token;
    for text in ["", "新昵称", "{", "{\"name\":\"x\"", "{'name':'x'}", "[object Object]"] {
        let response =
            service.post_form("/applet/login/updateUserInfo", &[("token", token.as_str()), ("userInfo", text)]).await;
        response.refused(400, "userInfo必须是JSON文本");
    }
}

#[tokio::test]
async fn the_token_of_a_get_may_be_missing_or_repeated() {
    let service = Service::start().await;
    let alice = service.log_in("wx_alice").await;
    for path in ["/applet/login/checkLogin", "/applet/login/getUserInfo"] {
        service.get(path, &[]).await.refused(401, "token无效");
        service.get(path, &[("token", "")]).await.refused(401, "token无效");
        service.get(path, &[("Token", &alice.token)]).await.refused(401, "token无效");
        service.get(path, &[("token", "x"), ("token", &alice.token)]).await.refused(401, "token无效");
        service.get(&format!("{path}?token=%FF%00%zz&&=&"), &[]).await.refused(401, "token无效");
    }
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let service = Service::start().await;
    let fields = json!({"code": "wx_login_code_here", "Code": 5, "openid": "wx_mallory", "": null, "__proto__": {}});
    assert_eq!(
        service.post_json("/applet/login/wxLogin", &fields).await.logged_in().user_info["openid"],
        "wx_openid_123"
    );
    let form = [("code", "wx_login_code_here"), ("code[]", "x"), ("openid", "wx_mallory"), ("", "")];
    assert_eq!(
        service.post_form("/applet/login/wxLogin", &form).await.logged_in().user_info["openid"],
        "wx_openid_123"
    );
}

#[tokio::test]
async fn a_code_that_looks_like_sql_is_only_an_unknown_code() {
    let service = Service::start().await;
    let alice = service.log_in("wx_alice").await;
    for code in ["'or'1'='1", "1;DROP/**/TABLE/**/users;--", "${jndi:ldap://x}", "%00", "../../etc/passwd"] {
        service.wx_login(code).await.refused(400, "微信登录失败: code无效");
        service.get_phone_number(code).await.refused(400, "获取手机号失败: code无效");
        service.bind_phone(&alice.token, code).await.refused(400, "获取手机号失败: code无效");
    }
    assert_eq!(*service.check_login(&alice.token).await.result("登录有效"), alice.user_info);
    assert_eq!(service.stored().await.users.len(), 1);
}
