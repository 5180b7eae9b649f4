//! Every question on a hot path is answered through an index, on each engine: a plan that reads a whole table fails.

use entity::{identity, known_network, limit, oauth_state, session, sms_code, token, user};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, Statement, TransactionTrait,
};

use crate::{engine::Engine, service::Service};

/// Enough that reading a whole table costs more than looking into an index.
const ROWS: i64 = 3_000;

/// What is asked while requests wait, and by the sweep beside them, as the storage asks it. The tables' names are not
/// quoted, because no engine reserves them.
const QUESTIONS: [(&str, &str); 19] = [
    (
        "a token check",
        "SELECT tokens.id, users.name, identities.subject FROM tokens \
         JOIN sessions ON tokens.session_id = sessions.id LEFT JOIN users ON sessions.user_id = users.id \
         LEFT JOIN identities ON sessions.identity_id = identities.id WHERE tokens.token_id = 'token 7'",
    ),
    (
        "the newest token of a session",
        "SELECT id FROM tokens WHERE session_id = 7 AND replaced_at IS NULL ORDER BY id DESC LIMIT 1",
    ),
    ("the sessions of a user", "SELECT id FROM sessions WHERE user_id = 7 AND ended_at IS NULL"),
    ("an identity", "SELECT id FROM identities WHERE provider = 'wechat' AND app = 'wx' AND subject = 'openid 7'"),
    ("the identities of a user", "SELECT id FROM identities WHERE user_id = 7"),
    ("a user by id", "SELECT name FROM users WHERE id = 7"),
    ("a user by phone", "SELECT id FROM users WHERE phone = '13800000007'"),
    ("a user by username or phone", "SELECT id FROM users WHERE username = 'name 7' OR phone = '13800000007'"),
    ("a user by unionid", "SELECT id FROM users WHERE unionid = 'unionid 7'"),
    ("a limit", "SELECT count FROM limit_windows WHERE subject = 'subject 7' AND expires_at > 5"),
    ("an SMS code", "SELECT id FROM sms_codes WHERE phone = '13800000007' AND purpose = 'register'"),
    ("a state", "SELECT id FROM oauth_states WHERE state_hash = 'state 7' AND expires_at > 5"),
    ("a known network", "SELECT id FROM known_networks WHERE user_id = 7 AND network = 'network' AND expires_at > 5"),
    ("the sweep of tokens", "SELECT id FROM tokens WHERE expires_at < 1010 LIMIT 5"),
    ("the sweep of sessions", "SELECT id FROM sessions WHERE expires_at < 1010 LIMIT 5"),
    ("the sweep of limits", "SELECT id FROM limit_windows WHERE expires_at < 1010 LIMIT 5"),
    ("the sweep of SMS codes", "SELECT id FROM sms_codes WHERE expires_at < 1010 LIMIT 5"),
    ("the sweep of states", "SELECT id FROM oauth_states WHERE expires_at < 1010 LIMIT 5"),
    ("the sweep of known networks", "SELECT id FROM known_networks WHERE expires_at < 1010 LIMIT 5"),
];

#[tokio::test]
async fn no_question_on_a_hot_path_reads_a_whole_table() {
    let service = Service::start().await;
    let db = service.database().await;
    fill(&db).await;
    for (name, question) in QUESTIONS {
        let plan = plan(&db, question).await;
        assert!(!reads_a_whole_table(&plan), "{name}:\n{}", plan.join("\n"));
    }
}

#[tokio::test]
async fn a_plan_that_reads_a_whole_table_is_recognised() {
    let service = Service::start().await;
    let db = service.database().await;
    fill(&db).await;
    let plan = plan(&db, "SELECT id FROM users WHERE avatar = 'nobody has an index for that'").await;
    assert!(reads_a_whole_table(&plan), "{}", plan.join("\n"));
}

async fn plan(db: &DatabaseConnection, question: &str) -> Vec<String> {
    let transaction = db.begin().await.expect("a transaction");
    let backend = transaction.get_database_backend();
    let explain = match backend {
        DbBackend::Sqlite => format!("EXPLAIN QUERY PLAN {question}"),
        _ => format!("EXPLAIN {question}"),
    };
    if backend == DbBackend::Postgres {
        // It reads a whole table now only where it has no index to look into.
        transaction.execute_unprepared("SET LOCAL enable_seqscan = off").await.expect("a setting");
    }
    let rows = transaction.query_all_raw(Statement::from_string(backend, explain)).await.expect("a plan");
    let line = |row: &sea_orm::QueryResult| match backend {
        DbBackend::Sqlite => row.try_get("", "detail").expect("a detail"),
        DbBackend::Postgres => row.try_get("", "QUERY PLAN").expect("a line"),
        _ => {
            let text = |column| row.try_get::<Option<String>>("", column).ok().flatten().unwrap_or_default();
            format!("type={} table={} key={}", text("type"), text("table"), text("key"))
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

async fn fill(db: &DatabaseConnection) {
    let users = (1..=ROWS).map(|n| user::ActiveModel {
        id: Set(n),
        name: Set(format!("user {n}")),
        phone: Set(Some(format!("138{n:08}"))),
        unionid: Set(Some(format!("unionid {n}"))),
        username: Set(Some(format!("name {n}"))),
        sex: Set(0),
        birthday: Set(0),
        points: Set(0),
        amount_cents: Set(0),
        shop_count: Set(0),
        may_promote: Set(true),
        created_at: Set(0),
        updated_at: Set(0),
        ..Default::default()
    });
    insert::<user::Entity, _>(db, users.collect()).await;
    let identities = (1..=ROWS).map(|n| identity::ActiveModel {
        id: Set(n),
        user_id: Set(n),
        provider: Set("wechat".to_owned()),
        app: Set("wx".to_owned()),
        subject: Set(format!("openid {n}")),
        created_at: Set(0),
        updated_at: Set(0),
        ..Default::default()
    });
    insert::<identity::Entity, _>(db, identities.collect()).await;
    let sessions = (1..=ROWS).map(|n| session::ActiveModel {
        id: Set(n),
        user_id: Set(n),
        identity_id: Set(Some(n)),
        created_at: Set(0),
        expires_at: Set(1_000 + n),
        ended_at: Set(None),
    });
    insert::<session::Entity, _>(db, sessions.collect()).await;
    let tokens = (1..=ROWS).map(|n| token::ActiveModel {
        id: Set(n),
        token_id: Set(format!("token {n}")),
        session_id: Set(n),
        issued_at: Set(0),
        expires_at: Set(1_000 + n),
        replaced_at: Set(None),
    });
    insert::<token::Entity, _>(db, tokens.collect()).await;
    let limits = (1..=ROWS).map(|n| limit::ActiveModel {
        id: Set(n),
        subject: Set(format!("subject {n}")),
        count: Set(1),
        started_at: Set(0),
        expires_at: Set(1_000 + n),
    });
    insert::<limit::Entity, _>(db, limits.collect()).await;
    let codes = (1..=ROWS).map(|n| sms_code::ActiveModel {
        id: Set(n),
        phone: Set(format!("138{n:08}")),
        purpose: Set("register".to_owned()),
        code_hash: Set("hash".to_owned()),
        expires_at: Set(1_000 + n),
        tries: Set(0),
        spent_at: Set(None),
    });
    insert::<sms_code::Entity, _>(db, codes.collect()).await;
    let states = (1..=ROWS).map(|n| oauth_state::ActiveModel {
        id: Set(n),
        state_hash: Set(format!("state {n}")),
        browser_hash: Set(None),
        redirect_uri: Set("https://mall.example.com".to_owned()),
        expires_at: Set(1_000 + n),
    });
    insert::<oauth_state::Entity, _>(db, states.collect()).await;
    let networks = (1..=ROWS).map(|n| known_network::ActiveModel {
        id: Set(n),
        user_id: Set(n),
        network: Set("network".to_owned()),
        expires_at: Set(1_000 + n),
    });
    insert::<known_network::Entity, _>(db, networks.collect()).await;
    // What the planner knows about the tables is otherwise that they are empty.
    for table in
        ["users", "identities", "sessions", "tokens", "limit_windows", "sms_codes", "oauth_states", "known_networks"]
    {
        let analyze = if Engine::current() == Engine::MariaDb { "ANALYZE TABLE" } else { "ANALYZE" };
        db.execute_unprepared(&format!("{analyze} {table}")).await.expect("statistics");
    }
}

async fn insert<E, A>(db: &DatabaseConnection, rows: Vec<A>)
where
    E: EntityTrait,
    A: sea_orm::ActiveModelTrait<Entity = E> + Clone,
{
    for some in rows.chunks(500) {
        E::insert_many(some.to_vec()).exec_without_returning(db).await.expect("rows");
    }
}
