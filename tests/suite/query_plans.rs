//! Every statement that the storage sends finds its rows through an index, on each engine: a plan that reads a whole
//! table fails. The statements are those that it logs while every operation is used.

use passport::types::UserId;
use std::collections::BTreeSet;

use entity::{identity, known_network, limit, oauth_state, session, sms_code, token, user};
use regex::Regex;
use reqwest::Method;
use sea_orm::{
    ColumnTrait, ColumnType, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, IdenStatic, Iterable,
    QueryResult, Statement, TransactionTrait, Value,
    sea_query::{Expr, Query},
};
use serde_json::json;

use crate::{
    captured_log::CapturedLog,
    engine::Engine,
    service::{DAY, MINUTE, PASSWORD, Service},
    specs::{everything, operations},
};

/// Enough that reading a whole table costs more than looking into an index.
const ROWS: i64 = 3_000;

/// The statements that may read a whole table, by their beginning without quotes, and why.
const ALLOWED: [(&str, &str); 4] = [
    ("SELECT member_groups.id", "a handful of rows, of which the first is locked"),
    ("SELECT version, applied_at FROM seaql_migrations", "a row for each migration, at the start and for /readyz"),
    ("SELECT COUNT(*) > 0 AS has_table", "the engine's own catalogue, at the start"),
    (
        "DELETE FROM limit_windows WHERE limit_windows.subject LIKE",
        "after a new password, which is rare: SQLite looks into no index for the beginning of a text",
    ),
];

#[tokio::test]
async fn no_statement_of_the_storage_reads_a_whole_table() {
    let log = CapturedLog::start();
    let service = Service::with(&[("PASSPORT_SWEEP__INTERVAL", "1s")]).await;
    use_every_operation(service).await;
    let called =
        log.events("passport::request").into_iter().map(|line| (line["method"].clone(), line["route"].clone()));
    let called: Vec<_> = called.collect();
    for (method, path, _) in operations(&everything()) {
        assert!(called.contains(&(json!(method), json!(path))), "{method} {path} is not used here");
    }
    let statements = log.events("passport::sql").into_iter();
    let statements: BTreeSet<String> =
        statements.map(|line| line["sql"].as_str().expect("a statement").to_owned()).collect();
    assert!(statements.len() > 50, "{statements:?}");
    drop(log);
    let service = Service::start().await;
    let db = service.database().await;
    fill(&db).await;

    let mut faults = Vec::new();
    let mut unused: BTreeSet<&str> = ALLOWED.iter().map(|(beginning, _)| *beginning).collect();
    for statement in &statements {
        let plan = plan(&db, statement).await;
        if !reads_a_whole_table(&plan) {
            continue;
        }
        let plain = statement.replace(['"', '`'], "");
        match ALLOWED.iter().find(|(beginning, _)| plain.starts_with(beginning)) {
            Some((beginning, _)) => _ = unused.remove(beginning),
            None => faults.push(format!("{statement}\n{}", plan.join("\n"))),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    // The servers need fewer exceptions.
    assert!(
        unused.is_empty() || Engine::current() != Engine::Sqlite,
        "no statement needs these exceptions: {unused:?}"
    );
}

#[tokio::test]
async fn a_plan_that_reads_a_whole_table_is_recognised() {
    let service = Service::start().await;
    let db = service.database().await;
    fill(&db).await;
    for statement in [
        "SELECT id FROM users WHERE avatar = 'nobody has an index for that'",
        "UPDATE tokens SET issued_at = 7 WHERE issued_at = 8",
        "DELETE FROM sessions WHERE created_at = 7",
    ] {
        let plan = plan(&db, statement).await;
        assert!(reads_a_whole_table(&plan), "{statement}:\n{}", plan.join("\n"));
    }
}

/// Uses every operation and every command of the operator, in each way that the storage notices.
async fn use_every_operation(service: Service) {
    use_the_applet(&service).await;
    use_the_mall(&service).await;
    // A password whose hash is made anew.
    let service = service.restart_with(&[("PASSPORT_PASSWORD__ITERATIONS", "2")]).await;
    service.password_login("18026740327", PASSWORD).await.member("登录成功");
    let admin = service.admin().await;
    let user = service.log_in("wx_carol").await.id;
    admin.show(UserId::new(user)).await.expect("a database");
    admin.disable(UserId::new(user)).await.expect("a database");
    admin.enable(UserId::new(user)).await.expect("a database");
    admin.log_out(UserId::new(user)).await.expect("a database");
    admin.delete(UserId::new(user)).await.expect("a database");
    service.get("/readyz", &[]).await;
    // Everything expires, and is deleted.
    service.clock.advance(365 * DAY);
    service.until_stored(|stored| stored.sessions.is_empty() && stored.networks.is_empty()).await;
}

async fn use_the_applet(service: &Service) {
    let code = service.mint_login("wx_alice", Some("union_alice")).await;
    let alice = service.wx_login(&code).await.logged_in();
    service.log_in("wx_alice").await;
    let code = service.mint_login("wx_alice_elsewhere", Some("union_alice")).await;
    assert_eq!(service.wx_login(&code).await.logged_in().id, alice.id);
    let bob = service.log_in("wx_bob").await;
    let code = service.mint_login("wx_bob", Some("union_bob")).await;
    service.wx_login(&code).await.logged_in();
    assert_eq!(service.wx_login("unknown").await.status, 400);
    service.get_phone_number("phone_code_here").await.result("获取成功");
    service.bind_phone(&alice.token, "phone_code_here").await.result("绑定成功");
    assert_eq!(service.bind_phone(&bob.token, "phone_code_here").await.status, 400);
    service.update_user_info(&alice.token, json!({"name": "甲", "bmi": 20})).await.result("更新成功");
    service.check_login(&alice.token).await.result("登录有效");
    service.user_info(&alice.token).await.result("获取成功");
    let second = service.refresh(&alice.token).await.text_result("刷新成功");
    assert_eq!(service.refresh(&alice.token).await.text_result("刷新成功"), second);
    service.clock.advance(MINUTE);
    assert_eq!(service.refresh(&alice.token).await.status, 401);
    service.log_out(&bob.token).await.result("退出成功");
}

async fn use_the_mall(service: &Service) {
    for page in ["/users/login", "/users/register", "/users/forget"] {
        service.get(page, &[]).await.data("ok");
    }
    let (anna, berta) = (service.register("18026740326").await, service.register("18026740327").await);
    service.password_login("18026740326", PASSWORD).await.member("登录成功");
    service.password_login("18026740326", "not the password").await.failed("账号或密码错误");
    service.register_with("18026740328", PASSWORD, "000000").await.failed("验证码错误或已失效,请核对或重新获取");
    service.wait_for_the_next_code();
    service.send_sms("18026740326", "register").await.failed("该手机号已注册,请直接登录或找回密码");
    service.autologin_with(&anna.token, &json!({"spread_id": berta.id})).await.resumed();
    service.clock.advance(60 * MINUTE);
    service.autologin(&anna.token).await.resumed();
    service.forget("18026740326", "battery staple 43").await;
    service.mall_log_out(&anna.token).await;
    service.official_member(json!({"openid": "o-clara", "unionid": "union_clara", "nickname": "克拉拉"})).await;
    service.mini_login("wx_login_code_here", Some("{\"nickName\":\"戴安娜\"}")).await.member("授权成功");
    // With a cookie, as a browser has it.
    let page = service.request(Method::GET, "/wechat.auth/login").header("accept", "text/html");
    assert_eq!(service.send(page).await.status, 302);
}

async fn plan(db: &DatabaseConnection, statement: &str) -> Vec<String> {
    // What is inserted as it stands reads no table, and neither does a change of the schema.
    if !statement.starts_with("SELECT") && !statement.starts_with("UPDATE") && !statement.starts_with("DELETE") {
        assert!(!statement.contains("SELECT"), "{statement}");
        return vec![];
    }
    let transaction = db.begin().await.expect("a transaction");
    let backend = transaction.get_database_backend();
    let explain = match backend {
        // Its plans do not depend on values; a missing one is NULL.
        DbBackend::Sqlite => format!("EXPLAIN QUERY PLAN {statement}"),
        DbBackend::Postgres => {
            // It reads a whole table now only where it has no index to look into, whatever the values are.
            let values = Regex::new(r"\$\d+").expect("a pattern").find_iter(statement).count();
            let values = if values == 0 { String::new() } else { format!("({})", vec!["NULL"; values].join(", ")) };
            let prepare = format!(
                "SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan; \
                 PREPARE sent AS {statement}"
            );
            transaction.execute_unprepared(&prepare).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
            format!("EXPLAIN EXECUTE sent{values}")
        }
        // A value that each column has, and that a limit can be.
        _ => format!("EXPLAIN {}", statement.replace("LIMIT ?", "LIMIT 7").replace('?', "'7'")),
    };
    let rows = transaction.query_all_raw(Statement::from_string(backend, explain)).await;
    let rows = rows.unwrap_or_else(|error| panic!("{statement}: {error}"));
    if backend == DbBackend::Postgres {
        transaction.execute_unprepared("DEALLOCATE sent").await.expect("it was prepared");
    }
    let line = |row: &QueryResult| match backend {
        DbBackend::Sqlite => row.try_get("", "detail").expect("a detail"),
        DbBackend::Postgres => row.try_get("", "QUERY PLAN").expect("a line"),
        _ => {
            let text = |column| row.try_get::<Option<String>>("", column).ok().flatten().unwrap_or_default();
            format!("type={} table={} key={} {}", text("type"), text("table"), text("key"), text("Extra"))
        }
    };
    rows.iter().map(line).collect()
}

fn reads_a_whole_table(plan: &[String]) -> bool {
    plan.iter().any(|line| match Engine::current() {
        Engine::Sqlite => line.starts_with("SCAN"),
        Engine::Postgres => line.contains("Seq Scan"),
        Engine::MariaDb => line.contains("type=ALL ") || line.contains("type=index "),
    })
}

/// Fills every table that grows.
async fn fill(db: &DatabaseConnection) {
    fill_table(db, user::Entity).await;
    fill_table(db, identity::Entity).await;
    fill_table(db, session::Entity).await;
    fill_table(db, token::Entity).await;
    fill_table(db, limit::Entity).await;
    fill_table(db, sms_code::Entity).await;
    fill_table(db, oauth_state::Entity).await;
    fill_table(db, known_network::Entity).await;
}

/// Every column of row n holds n, as its type has it, so that one value is found in each; times lie in the future, or
/// are not set.
async fn fill_table<E: EntityTrait>(db: &DatabaseConnection, table: E) {
    let columns: Vec<E::Column> = E::Column::iter().collect();
    let value = |column: &E::Column, n: i64| -> Value {
        let (definition, is_time) = (column.def(), column.as_str().ends_with("_at"));
        match definition.get_column_type() {
            _ if is_time && definition.is_null() => Option::<i64>::None.into(),
            ColumnType::Boolean => true.into(),
            ColumnType::String(_) | ColumnType::Text => n.to_string().into(),
            ColumnType::VarBinary(_) | ColumnType::Blob => n.to_string().into_bytes().into(),
            ColumnType::Double => (n as f64).into(),
            _ if is_time => (ROWS + n).into(),
            _ => n.into(),
        }
    };
    let rows: Vec<i64> = (1..=ROWS).collect();
    for some in rows.chunks(500) {
        let mut insert = Query::insert().into_table(table).columns(columns.iter().copied()).take();
        for n in some {
            insert.values_panic(columns.iter().map(|column| Expr::value(value(column, *n))));
        }
        db.execute(&insert).await.expect("rows");
    }
    // What the planner knows about the table is otherwise that it is empty.
    let analyze = if Engine::current() == Engine::MariaDb { "ANALYZE TABLE" } else { "ANALYZE" };
    db.execute_unprepared(&format!("{analyze} {}", table.table_name())).await.expect("statistics");
}
