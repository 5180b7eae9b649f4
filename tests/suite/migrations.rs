//! Migrations: from any earlier schema, by one of several instances, never backwards.

use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::json;

use crate::program::{Passport, until};

#[tokio::test]
async fn four_programs_that_start_at_once_on_an_empty_database_all_serve() {
    let home = Passport::new();

    let (one, two, three, four) = tokio::join!(home.start(), home.start(), home.start(), home.start());

    let token = one.log_in("oFirst").await.token;
    for service in [two, three, four] {
        assert_eq!(service.check(&token).await.verdict(), (200, "登录有效"));
    }
}

#[tokio::test]
async fn the_operator_sees_what_is_pending_and_applies_it() {
    let home = Passport::new();

    let before = home.run(&["migrate", "status"]).await;
    let up = home.run(&["migrate", "up"]).await;
    let after = home.run(&["migrate", "status"]).await;
    let again = home.run(&["migrate", "up"]).await;

    assert_eq!(
        before.stdout, "pending  m0001_accounts\npending  m0002_mall\npending  m0003_identities\n",
        "{before:?}"
    );
    let all = "applied  m0001_accounts\napplied  m0002_mall\napplied  m0003_identities\n";
    for finished in [up, after, again] {
        assert!(finished.status.success());
        assert_eq!(finished.stdout, all, "{finished:?}");
    }
}

#[tokio::test]
async fn users_and_tokens_of_the_first_schema_are_kept_by_what_follows() {
    use migration::MigratorTrait;
    let home = Passport::new();
    std::fs::create_dir_all(home.path("data")).expect("a folder");
    let database = home.first_schema().await;
    for statement in [
        "INSERT INTO users (id, name, phone, unionid, created_at, updated_at) VALUES (7, '小明', '13912345678', 'u', 1, 1)",
        "INSERT INTO wechat_identities (id, user_id, appid, openid, unionid, session_key, created_at, updated_at) \
         VALUES (5, 7, 'wx1', 'oKept', 'u', 'sealed', 1, 1)",
        "INSERT INTO sessions (id, user_id, identity_id, created_at, expires_at) VALUES (3, 7, 5, 1, 2)",
        "INSERT INTO tokens (token_id, session_id, issued_at, expires_at) VALUES ('t', 3, 1, 2)",
        "INSERT INTO limit_windows (subject, count, started_at, expires_at) VALUES ('s', 1, 1, 2)",
    ] {
        database.execute_unprepared(statement).await.expect(statement);
    }
    assert_eq!(
        home.run(&["migrate", "status"]).await.stdout,
        "applied  m0001_accounts\npending  m0002_mall\npending  m0003_identities\n"
    );

    let up = home.run(&["migrate", "up"]).await;

    assert!(up.status.success(), "{up:?}");
    assert!(migration::Migrator::get_pending_migrations_read_only(&database).await.expect("a state").is_empty());
    let user = entity::user::Entity::find_by_id(7).one(&database).await.expect("a row").expect("the user");
    assert_eq!((user.name.as_str(), user.phone.as_deref()), ("小明", Some("13912345678")));
    assert_eq!((user.points, user.sex, user.may_promote, user.username), (0, 0, true, None));
    let identity = entity::identity::Entity::find().one(&database).await.expect("a row").expect("an identity");
    assert_eq!((identity.id, identity.user_id), (5, 7));
    assert_eq!(
        (identity.provider.as_str(), identity.app.as_str(), identity.subject.as_str()),
        ("wechat", "wx1", "oKept")
    );
    assert_eq!((identity.union.as_deref(), identity.session_key.as_deref()), (Some("u"), Some("sealed")));
    let again = "INSERT INTO identities (user_id, provider, app, subject, created_at, updated_at) \
                 VALUES (7, 'wechat', 'wx1', 'oKept', 1, 1)";
    assert!(database.execute_unprepared(again).await.is_err(), "an identity is unique");
}

#[tokio::test]
async fn a_schema_that_is_newer_than_the_program_stops_it_with_one_line() {
    let home = Passport::new();
    home.run(&["migrate", "up"]).await;
    let database = home.database().await;
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_from_the_future', 1)";
    database.execute_unprepared(newer).await.expect("a row");

    let start = home.run(&[]).await;
    let status = home.run(&["migrate", "status"]).await;

    assert!(!start.status.success());
    let lines: Vec<&str> = start.stderr.lines().collect();
    let [line] = lines[..] else { panic!("one line was expected: {start:?}") };
    assert!(line.contains("newer version") && line.contains("m9999_from_the_future"), "{line}");
    assert!(status.stdout.ends_with("unknown  m9999_from_the_future\n"), "{status:?}");
}

#[tokio::test]
async fn a_service_whose_database_is_taken_over_by_a_newer_one_goes_on() {
    let home = Passport::new();
    let service = home.start().await;
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_from_the_future', 1)";
    home.database().await.execute_unprepared(newer).await.expect("a row");

    until("the service says that it is ready", async || {
        service.get("/readyz").await.json::<serde_json::Value>().await.expect("JSON") == json!({"status": "ready"})
    })
    .await;
}
