use futures_util::future::join_all;
use serde_json::json;

use super::{ANNA, BERTA};
use crate::service::{PASSWORD, Service};

const TAKEN: &str = "该手机号已注册,请直接登录或找回密码";
const LENGTH: &str = "密码长度须为8到64个字符";
const COMMON: &str = "密码过于常见,请换一个";

#[tokio::test]
async fn a_number_becomes_a_member_at_either_address_in_either_body_type() {
    let service = Service::start().await;
    for (number, path) in ["/users/register", "/users/login"].into_iter().enumerate() {
        for form in [false, true] {
            let mobile = format!("1391234567{}", number * 2 + usize::from(form));
            let code = service.sms_code(&mobile, "register").await;
            let fields = [("username", mobile.as_str()), ("password", PASSWORD), ("code", &code)];
            let registered = if form {
                service.post_form(path, &fields).await
            } else {
                service.post_json(path, &json!(std::collections::BTreeMap::from(fields))).await
            };

            let member = registered.member("注册成功");

            assert_eq!(member.profile["mobile"], mobile);
            service.autologin(&member.token).await.resumed();
            let again = service.password_login(&mobile, PASSWORD).await.member("登录成功");
            assert_eq!(again.profile, member.profile);
            assert_ne!(again.token, member.token, "every login has a token of its own");
        }
    }
    assert_eq!(service.stored().await.users.len(), 4);
}

#[tokio::test]
async fn a_login_form_with_an_empty_code_is_a_login() {
    let service = Service::start().await;
    let anna = service.register(ANNA).await;
    for code in [json!(""), json!(null)] {
        let fields = json!({"username": ANNA, "password": PASSWORD, "code": code});
        assert_eq!(service.post_json("/users/login", &fields).await.member("登录成功").id, anna.id);
    }
    let form = [("username", ANNA), ("password", PASSWORD), ("code", "")];
    assert_eq!(service.post_form("/users/login", &form).await.member("登录成功").id, anna.id);
}

#[tokio::test]
async fn a_number_has_one_member() {
    let service = Service::start().await;
    let late = service.sms_code(ANNA, "register").await;
    // Somebody binds the number in the mini program before the code is used.
    let user = service.log_in("wx_anna").await;
    let phone = service.mint_phone(ANNA, Some("wx_anna")).await;
    service.bind_phone(&user.token, &phone).await.result("绑定成功");
    let before = service.stored().await.users;

    service.register_with(ANNA, PASSWORD, &late).await.failed(TAKEN);
    service.wait_for_the_next_code();
    service.send_sms(ANNA, "register").await.failed(TAKEN);

    assert_eq!(service.stored().await.users, before);
    assert_eq!(service.forget(ANNA, PASSWORD).await.id, user.id, "the owner of the number gets in with a new password");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_code_makes_one_member_however_often_it_is_sent_at_once() {
    let service = Service::start().await;
    let code = service.sms_code(ANNA, "register").await;

    let responses = join_all((0..100).map(|_| service.register_with(ANNA, PASSWORD, &code))).await;

    assert_eq!(responses.iter().filter(|response| response.body["code"] == 1).count(), 1);
    let stored = service.stored().await;
    assert_eq!((stored.users.len(), stored.tokens.len()), (1, 1));
}

#[tokio::test]
async fn a_password_has_8_to_64_characters_and_every_one_of_them_counts() {
    let service = Service::start().await;
    let code = service.sms_code(ANNA, "register").await;
    for password in ["x7#kQ2p".to_owned(), "口令".repeat(32) + "x", "x".repeat(65)] {
        service.register_with(ANNA, &password, &code).await.failed(LENGTH);
        let fields = json!({"username": ANNA, "password": password, "code": code});
        service.post_json("/users/login", &fields).await.failed(LENGTH);
        service.forget_with(ANNA, &password, &code).await.failed(LENGTH);
    }
    assert!(service.stored().await.sms_codes.iter().all(|code| code.tries == 0), "no try of the code was lost");

    let longest = "马儿跑得快，".repeat(10) + "风吹草低";
    assert_eq!((longest.chars().count(), longest.len()), (64, 192));
    for (number, password) in ["x7#kQ2pL".to_owned(), "Tr0ub4dor&".repeat(6) + "zuk!", longest].into_iter().enumerate()
    {
        let mobile = format!("1391234567{number}");
        let code = service.sms_code(&mobile, "register").await;
        service.register_with(&mobile, &password, &code).await.member("注册成功");

        service.password_login(&mobile, &password).await.member("登录成功");
        let mut other = password.clone();
        other.pop();
        for wrong in [other.clone(), other + "？"] {
            service.password_login(&mobile, &wrong).await.failed("账号或密码错误");
        }
    }
}

#[tokio::test]
async fn a_common_password_and_the_own_number_are_refused_and_the_code_stays_good() {
    let service = Service::start().await;
    let code = service.sms_code(ANNA, "register").await;
    for password in ["12345678", "password1", "qwertyuiop", ANNA] {
        service.register_with(ANNA, password, &code).await.failed(COMMON);
    }
    assert!(service.stored().await.users.is_empty());
    service.register_with(ANNA, PASSWORD, &code).await.member("注册成功");

    let code = service.sms_code(ANNA, "password").await;
    service.forget_with(ANNA, "88888888", &code).await.failed(COMMON);
    service.password_login(ANNA, PASSWORD).await.member("登录成功");
}

#[tokio::test]
async fn a_number_is_the_same_number_however_it_is_written() {
    let service = Service::start().await;
    service.send_sms("+86 180 2674 0326", "register").await.data("发送成功");
    let code = service.newest_code(ANNA).await;
    let anna = service.register_with("１８０２６７４０３２６", PASSWORD, &code).await.member("注册成功");
    assert_eq!((&anna.profile["mobile"], &anna.profile["username"]), (&json!(ANNA), &json!(ANNA)));
    for written in
        [ANNA, "+8618026740326", "0086 18026740326", "8618026740326", " 180 2674 0326 ", "１８０２６７４０３２６"]
    {
        let login = service.password_login(written, PASSWORD).await.member("登录成功");
        assert_eq!(login.profile["mobile"], ANNA, "{written}");
        service.send_sms(written, "register").await.failed(TAKEN);
    }
    service.password_login(BERTA, PASSWORD).await.failed("账号或密码错误");
}
