//! Texts are stored unchanged and compared exactly, on every engine.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use crate::service::Service;

#[tokio::test]
async fn a_name_may_hold_an_emoji() {
    let service = Service::start().await;
    let login = service.log_in("wx_openid_of_alice").await;

    service.update_user_info(&login.token, json!({"name": "小明🐼👨‍👩‍👧"})).await.result("更新成功");

    assert_eq!(service.stored().await.users[0].name, "小明🐼👨‍👩‍👧");
}

#[tokio::test]
async fn openids_that_differ_in_case_are_different_people() {
    let service = Service::start().await;
    let mut people = std::collections::BTreeSet::new();

    for openid in ["oAbcDef", "oabcdef", "OABCDEF"] {
        people.insert(service.log_in(openid).await.id);
    }

    assert_eq!(people.len(), 3);
    assert_eq!(service.log_in("oAbcDef").await.id, *people.first().expect("somebody"));
}

#[tokio::test]
async fn openids_unionids_usernames_and_token_ids_are_compared_letter_by_letter() {
    let service = Service::start().await;
    service.log_in("oPenid").await;
    let db = &service.database().await;
    let user = service.stored().await.users.remove(0);
    let mut row = user.clone().into_active_model();
    row.unionid = Set(Some("uNion".to_owned()));
    row.username = Set(Some("Alice".to_owned()));
    row.update(db).await.expect("a write beside the service");
    let token = service.stored().await.tokens.remove(0).token_id;

    for (openid, unionid, username, token, found) in [
        ("oPenid", "uNion", "Alice", token.clone(), true),
        ("openid", "union", "alice", token.to_uppercase(), false),
        ("oPenid ", "uNion ", "Alice ", format!("{token} "), false),
        ("oPénid", "uNiön", "Àlice", format!(" {token}"), false),
    ] {
        let by_unionid = entity::user::Entity::find().filter(entity::user::Column::Unionid.eq(unionid));
        let by_username = entity::user::Entity::find().filter(entity::user::Column::Username.eq(username));
        let by_token = entity::token::Entity::find().filter(entity::token::Column::TokenId.eq(token.as_str()));
        let by_openid = entity::identity::Entity::find().filter(entity::identity::Column::Subject.eq(openid));
        assert_eq!(by_openid.one(db).await.expect("a response").is_some(), found, "{openid}");
        assert_eq!(by_unionid.one(db).await.expect("a response").is_some(), found, "{unionid}");
        assert_eq!(by_username.one(db).await.expect("a response").is_some(), found, "{username}");
        assert_eq!(by_token.one(db).await.expect("a response").is_some(), found, "{token}");
    }
}
