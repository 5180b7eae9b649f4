use futures_util::future::join;
use passport::ops::{UserAction, run_user_command};
use passport::types::UserId;
use serde_json::{Value, json};

use crate::service::{Member, Service};

/// `N` members; the first one has the id 1.
async fn members<const N: usize>(service: &Service) -> [Member; N] {
    let mut members = Vec::new();
    for number in 0..N {
        members.push(service.register(&format!("1390013900{number}")).await);
    }
    members.try_into().expect("as many as asked")
}

async fn resume(service: &Service, member: &Member, promoter: impl Into<Value>) {
    let response = service.autologin_with(&member.token, &json!({"spread_id": promoter.into()})).await;
    assert_eq!(response.resumed()["id"], member.id);
}

/// As the operator sees it.
async fn promoter(service: &Service, member: &Member) -> Value {
    let admin = service.admin().await;
    let shown =
        run_user_command(&admin, UserAction::Show, UserId::new(member.id)).await.expect("a database").expect("a user");
    serde_json::from_str::<Value>(&shown).expect("JSON")["spread_id"].clone()
}

#[tokio::test]
async fn a_promoter_is_recorded_once() {
    let service = Service::start().await;
    let [anna, berta, clara] = members(&service).await;
    assert_eq!(promoter(&service, &anna).await, Value::Null);

    resume(&service, &anna, berta.id).await;
    resume(&service, &anna, clara.id).await;

    assert_eq!(promoter(&service, &anna).await, berta.id);
    let form = [("spread_id", "1")];
    let request = service.request(reqwest::Method::POST, "/users/autologin").header("auth-token", &clara.token);
    service.send(request.form(&form)).await.resumed();
    assert_eq!(promoter(&service, &clara).await, anna.id);
}

#[tokio::test]
async fn a_promoter_who_is_of_no_use_is_ignored() {
    let service = Service::start().await;
    let [anna, no_promoter, disabled] = members(&service).await;
    service.write(&format!("UPDATE users SET may_promote = false WHERE id = {}", no_promoter.id)).await;
    assert!(service.admin().await.disable(UserId::new(disabled.id)).await.expect("a database"));
    let before = service.stored().await;

    for useless in [
        json!(anna.id),
        json!(no_promoter.id),
        json!(disabled.id),
        json!(404),
        json!(0),
        json!(-2),
        json!(i64::MAX),
        json!(1e300),
        json!(2.5),
        json!("somebody"),
        json!(""),
        json!(null),
        json!(true),
        json!([2]),
        json!({"id": 2}),
        json!("2; DROP TABLE users"),
    ] {
        resume(&service, &anna, useless).await;
    }

    assert_eq!(service.stored().await, before);
    assert_eq!(promoter(&service, &anna).await, Value::Null);
}

#[tokio::test]
async fn nobody_is_brought_by_whom_they_brought() {
    let service = Service::start().await;
    let [anna, berta, clara] = members(&service).await;
    resume(&service, &berta, anna.id).await;
    resume(&service, &clara, berta.id).await;

    resume(&service, &anna, berta.id).await;
    resume(&service, &anna, clara.id).await;

    assert_eq!(promoter(&service, &anna).await, Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_name_each_other_at_once_make_no_circle() {
    let service = Service::start().await;
    let [anna, berta] = members(&service).await;
    for round in 0..20 {
        join(resume(&service, &anna, berta.id), resume(&service, &berta, anna.id)).await;

        let promoters = [promoter(&service, &anna).await, promoter(&service, &berta).await];
        assert_eq!(promoters.iter().filter(|promoter| promoter.is_null()).count(), 1, "{round}: {promoters:?}");
        service.write("UPDATE users SET promoter_id = NULL").await;
    }
}
