//! Where settings come from, and what stops the start.

use crate::program::Passport;

const KEY: &str = "a root secret of more than 32 bytes";
const NEXT_KEY: &str = "the next root secret, also over 32 bytes";

/// The one line on standard error with which the program refused to start.
async fn refusal(home: Passport) -> String {
    let finished = home.run(&[]).await;
    assert!(!finished.status.success(), "{finished:?}");
    assert_eq!(finished.stdout, "");
    let lines: Vec<&str> = finished.stderr.lines().collect();
    let [line] = lines[..] else { panic!("one line was expected: {finished:?}") };
    assert!(!home.path("data").exists(), "a start that is refused makes nothing");
    line.to_owned()
}

/// A setting that is broken, or several that do not go together, as the environment has them.
const BROKEN: &[&[(&str, &str)]] = &[
    &[("LISTNE", "127.0.0.1:0")],
    &[("WECHAT__MINI__SECRETT", "canary")],
    &[("WECHAT", "canary")],
    &[("LISTEN", "nowhere")],
    &[("LISTEN", "0.0.0.0:0")],
    &[("LISTEN", "[::]:0")],
    &[("SANDBOX_LISTEN", "0.0.0.0:0")],
    &[("DATABASE_URL", "oracle://u:canary@h/d"), ("SECRET_KEY", KEY)],
    &[("DATABASE_URL", "postgres://u:canary@127.0.0.1:1/passport")],
    &[("DATABASE_URL", "mysql://u:canary@127.0.0.1:1/passport")],
    &[("SECRET_KEY", "canary, and too short")],
    &[("SECRET_KEY_FILE", "missing.key")],
    &[("SECRET_KEY_FILE", "root.key"), ("SECRET_KEY", "canary, and long enough for a root secret")],
    &[("PREVIOUS_SECRET_KEYS", "canary")],
    &[("TRUSTED_PROXIES", "10.0.0.0/99")],
    &[("LOG__LEVEL", "loud")],
    &[("APPLET__TOKEN_TTL", "soon")],
    &[("APPLET__TOKEN_TTL", "0")],
    &[("APPLET__SESSION_TTL", "1d")],
    &[("APPLET__HTTP_STATUS", "sometimes")],
    &[("APPLET__CODE_FAILURES__MAX", "0")],
    &[("APPLET__CODE_FAILURES__WINDOW", "0")],
    &[("MALL__TOKEN_TTL", "0")],
    &[("MALL__SESSION_TTL", "1d")],
    &[
        ("MALL__HIDE_REGISTRATION", "true"),
        ("SMS__GATEWAY", "aliyun"),
        ("SMS__ALIYUN__ACCESS_KEY_ID", "id"),
        ("SMS__ALIYUN__ACCESS_KEY_SECRET", "canary"),
        ("SMS__ALIYUN__SIGN_NAME", "sign"),
        ("SMS__ALIYUN__TEMPLATES__REGISTER", "1"),
        ("SMS__ALIYUN__TEMPLATES__PASSWORD", "2"),
    ],
    &[("MALL__LIMITS__SMS_CODE_TTL", "0")],
    &[("MALL__LIMITS__SMS_CODE_TRIES", "0")],
    &[("PASSWORD__MEMORY", "7")],
    &[("PASSWORD__ITERATIONS", "0")],
    &[("PASSWORD__PARALLELISM", "17")],
    &[("PASSWORD__THREADS", "1025")],
    &[("PASSWORD__QUEUE", "0")],
    &[("CORS__ORIGINS", "mall.example.com")],
    &[("DATABASE__MAX_CONNECTIONS", "many")],
    &[("DATABASE__MAX_CONNECTIONS", "1001")],
    &[("DATABASE__ACQUIRE_TIMEOUT", "0")],
    &[("SWEEP__INTERVAL", "0")],
    &[("SWEEP__BATCH", "0")],
    &[("WECHAT__MODE", "live"), ("SECRET_KEY", KEY)],
    &[("WECHAT__MODE", "live"), ("SECRET_KEY", KEY), ("WECHAT__MINI__APPID", "wx1")],
    &[("WECHAT__MODE", "live"), ("WECHAT__MINI__APPID", "wx1"), ("WECHAT__MINI__SECRET", "canary")],
    &[
        ("WECHAT__MODE", "live"),
        ("SECRET_KEY", KEY),
        ("WECHAT__MINI__APPID", "wx1"),
        ("WECHAT__MINI__SECRET", "canary"),
        ("WECHAT__OFFICIAL__APPID", "wx2"),
    ],
    &[
        ("WECHAT__MODE", "live"),
        ("SECRET_KEY", KEY),
        ("WECHAT__MINI__APPID", "wx1"),
        ("WECHAT__MINI__SECRET", "canary"),
        ("SANDBOX_OPEN_TO_EVERYONE", "true"),
    ],
    &[("WECHAT__MINI__SECRET_FILE", "root.key"), ("WECHAT__MINI__SECRET", "canary")],
    &[("WECHAT__OFFICIAL__SECRET_FILE", "root.key"), ("WECHAT__OFFICIAL__SECRET", "canary")],
    &[("WECHAT__OFFICIAL__RETURN_URLS", "nowhere")],
    &[("WECHAT__API_BASE", "nowhere")],
    &[("WECHAT__DEADLINE", "0")],
    &[("WECHAT__CONNECT_TIMEOUT", "0")],
    &[("WECHAT__MAX_CONCURRENCY", "0")],
    &[("SMS__GATEWAY", "pigeon")],
    &[("SMS__GATEWAY", "aliyun")],
    &[("SMS__GATEWAY", "tencent")],
    &[("SMS__ALIYUN__ACCESS_KEY_SECRET_FILE", "root.key"), ("SMS__ALIYUN__ACCESS_KEY_SECRET", "canary")],
    &[("SMS__TENCENT__SECRET_KEY_FILE", "root.key"), ("SMS__TENCENT__SECRET_KEY", "canary")],
    &[("SMS__API_BASE", "nowhere")],
    &[("SMS__DEADLINE", "0")],
    &[("SMS__CONNECT_TIMEOUT", "0")],
    &[("SMS__CONNECT_TIMEOUT", "1m")],
    &[("SMS__MAX_CONCURRENCY", "0")],
];

/// Where what is broken is no setting of the environment.
fn broken_elsewhere() -> [(&'static str, Passport); 7] {
    let embedded = Passport::embedded;
    [
        ("an unknown name in passport.toml", embedded().with_file("passport.toml", "listne = \"canary\"\n")),
        (
            "an unknown name in a table of passport.toml",
            embedded().with_file("passport.toml", "[wechat.mini]\nsecrett = \"canary\"\n"),
        ),
        ("a value in place of a table of passport.toml", embedded().with_file("passport.toml", "applet = 1\n")),
        ("no TOML in passport.toml", embedded().with_file("passport.toml", "secret_key = \"canary\n")),
        ("--config elsewhere.toml", embedded().with(&["--config", "elsewhere.toml"])),
        ("--listen 127.0.0.1", embedded().with(&["--listen", "127.0.0.1"])),
        ("SECRET_KEY in no UTF-8", embedded().set("PASSPORT_SECRET_KEY", not_unicode())),
    ]
}

#[tokio::test]
async fn a_broken_setting_stops_the_start_with_one_line_that_names_it_and_repeats_no_value() {
    let by_environment = BROKEN.iter().map(|settings| {
        let label: Vec<String> = settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let home = Passport::embedded().with_file("root.key", KEY);
        let home = settings.iter().fold(home, |home, (name, value)| home.set(&format!("PASSPORT_{name}"), *value));
        (label.join(" "), home)
    });
    let elsewhere = broken_elsewhere().into_iter().map(|(label, home)| (label.to_owned(), home));
    let mut table = String::new();
    for (label, home) in by_environment.chain(elsewhere) {
        let line = refusal(home).await;
        assert!(!line.contains("canary"), "a value is repeated: {line}");
        table += &format!("{label}\n    {line}\n");
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("broken_settings", table);
    });
}

fn not_unicode() -> std::ffi::OsString {
    std::os::unix::ffi::OsStringExt::from_vec(b"canary \xff".to_vec())
}

#[tokio::test]
async fn an_address_that_is_taken_stops_the_start_with_one_line() {
    let service = Passport::new().start().await;
    let taken = service.address.trim_start_matches("http://");

    let finished = Passport::new().with(&["--listen", taken]).run(&[]).await;

    assert!(!finished.status.success());
    assert_eq!(finished.stderr.lines().count(), 1, "{finished:?}");
    assert!(finished.stderr.contains(taken), "{finished:?}");
}

#[tokio::test]
async fn variables_of_other_programs_are_none_of_our_business() {
    let service = Passport::new().set("PASSPORTS", "1").set("OTHER", not_unicode()).start().await;
    assert!(service.get("/healthz").await.status().is_success());
}

#[tokio::test]
async fn the_root_secret_may_come_from_a_file() {
    let home = Passport::embedded().with_file("root.key", &format!("{KEY}\n"));
    let by_file = home.clone().set("PASSPORT_SECRET_KEY_FILE", "root.key").start().await;
    let token = by_file.log_in("oReader").await.token;
    drop(by_file);
    assert!(!home.path("data/secret.key").exists(), "a secret that is given is not made");

    let by_value = home.set("PASSPORT_SECRET_KEY", KEY).start().await;

    assert_eq!(by_value.check(&token).await.verdict(), (200, "登录有效"));
}

#[tokio::test]
async fn a_secret_that_is_needed_is_given_by_value_or_by_file_and_not_by_both() {
    let live = || {
        Passport::embedded()
            .set("PASSPORT_SECRET_KEY", KEY)
            .set("PASSPORT_WECHAT__MODE", "live")
            .set("PASSPORT_WECHAT__API_BASE", "http://127.0.0.1:1")
            .set("PASSPORT_WECHAT__MINI__APPID", "wx1")
    };
    let official = live()
        .set("PASSPORT_WECHAT__MINI__SECRET", "canary")
        .set("PASSPORT_WECHAT__OFFICIAL__APPID", "wx2")
        .set("PASSPORT_WECHAT__OFFICIAL__RETURN_URLS", "https://shop.example/wechat");
    let sms = |gateway: &str, others: &[&str]| {
        let home = Passport::embedded()
            .set("PASSPORT_SMS__GATEWAY", gateway)
            .set("PASSPORT_SMS__API_BASE", "http://127.0.0.1:1");
        others
            .iter()
            .fold(home, |home, setting| home.set(&format!("PASSPORT_SMS__{}__{setting}", gateway.to_uppercase()), "1"))
    };
    let templates = ["SIGN_NAME", "TEMPLATES__REGISTER", "TEMPLATES__PASSWORD"];
    let aliyun = sms("aliyun", &[&["ACCESS_KEY_ID"][..], &templates].concat());
    let tencent = sms("tencent", &[&["SECRET_ID", "SDK_APP_ID"][..], &templates].concat());
    for (table, name, home) in [
        ("wechat", "mini.secret", live()),
        ("wechat", "official.secret", official),
        ("sms", "aliyun.access_key_secret", aliyun),
        ("sms", "tencent.secret_key", tencent),
    ] {
        let variable = format!("PASSPORT_{}__{}", table.to_uppercase(), name.to_uppercase().replace('.', "__"));
        let by_file = home.clone().with_file("a.secret", "canary\n").set(&format!("{variable}_FILE"), "a.secret");

        let neither = refusal(home).await;
        let asked_for = [format!("{table}: "), format!("{name} or {name}_file")];
        assert!(asked_for.iter().all(|words| neither.contains(words)), "{neither}");
        let both = refusal(by_file.clone().set(&variable, "canary")).await;
        assert!(both.contains(&format!("{table}.{name} and {table}.{name}_file are both set")), "{both}");
        assert!(!both.contains("canary"), "{both}");

        assert!(by_file.start().await.get("/healthz").await.status().is_success(), "{name}");
    }
}

#[tokio::test]
async fn a_named_file_the_environment_and_flags_override_each_other_in_this_order() {
    let home = Passport::embedded()
        .unset("PASSPORT_LISTEN")
        .with_file("mine.toml", "listen = \"127.0.0.9:0\"\ndata_dir = \"mine\"\n[applet]\nexpose_session_key = false\n")
        .with(&["--config", "mine.toml"]);

    let by_file = home.start().await;
    assert!(by_file.address.starts_with("http://127.0.0.9:"), "{}", by_file.address);
    assert!(home.path("mine/passport.db").exists() && !home.path("data").exists());
    assert_eq!(by_file.log_in("oOne").await.session_key, "");

    let by_environment =
        home.clone().set("PASSPORT_LISTEN", "127.0.0.8:0").set("PASSPORT_APPLET__EXPOSE_SESSION_KEY", "true");
    let service = by_environment.start().await;
    assert!(service.address.starts_with("http://127.0.0.8:"), "{}", service.address);
    assert_ne!(service.log_in("oOne").await.session_key, "");

    let service = by_environment.with(&["--listen", "127.0.0.7:0"]).start().await;
    assert!(service.address.starts_with("http://127.0.0.7:"), "{}", service.address);
}

#[tokio::test]
async fn the_file_in_the_folder_is_read_without_being_named() {
    let home = Passport::embedded().with_file("passport.toml", "data_dir = \"elsewhere\"\n");
    let _service = home.start().await;
    assert!(home.path("elsewhere/passport.db").exists());
}

#[tokio::test]
async fn the_database_may_be_named_by_a_flag_or_in_the_environment() {
    let home = Passport::embedded();
    let service = home.clone().with(&["--database-url", "sqlite://mine.db"]).start().await;
    let person = service.log_in("oOne").await;
    assert!(home.path("mine.db").exists() && !home.path("data/passport.db").exists());
    drop(service);

    let service = home.set("PASSPORT_DATABASE_URL", "sqlite://mine.db").start().await;

    assert_eq!(service.check(&person.token).await.verdict(), (200, "登录有效"));
}

#[tokio::test]
async fn a_live_service_has_no_sandbox() {
    let service = Passport::new()
        .set("PASSPORT_WECHAT__MODE", "live")
        .set("PASSPORT_WECHAT__API_BASE", "http://127.0.0.1:1")
        .set("PASSPORT_WECHAT__MINI__APPID", "wx1")
        .set("PASSPORT_WECHAT__MINI__SECRET", "a secret")
        .set("PASSPORT_SECRET_KEY", KEY)
        .set("PASSPORT_LISTEN", "0.0.0.0:0")
        .start()
        .await;
    let page = service.page();
    assert!(page.contains("live") && !page.contains("Sandbox") && !page.contains("wx_login_code_here"), "{page}");
}

#[tokio::test]
async fn tokens_of_an_earlier_secret_pass_as_long_as_it_is_listed() {
    let home = Passport::new();
    let service = home.clone().set("PASSPORT_SECRET_KEY", KEY).start().await;
    let before = service.log_in("oKeeper").await.token;
    drop(service);
    let rotated = home.set("PASSPORT_SECRET_KEY", NEXT_KEY);

    let listing = rotated.clone().set("PASSPORT_PREVIOUS_SECRET_KEYS", KEY).start().await;
    assert_eq!(listing.check(&before).await.verdict(), (200, "登录有效"));
    let after = listing.log_in("oKeeper").await.token;
    drop(listing);

    let forgetting = rotated.start().await;
    assert_eq!(forgetting.check(&before).await.verdict(), (401, "token无效"));
    assert_eq!(
        forgetting.check(&after).await.verdict(),
        (200, "登录有效"),
        "nothing new is made with an earlier secret"
    );
}

#[tokio::test]
async fn a_secret_file_beside_a_value_or_missing_or_empty_stops_the_start() {
    for (setting, variable) in [
        ("secret_key", "PASSPORT_SECRET_KEY"),
        ("wechat.mini.secret", "PASSPORT_WECHAT__MINI__SECRET"),
        ("wechat.official.secret", "PASSPORT_WECHAT__OFFICIAL__SECRET"),
        ("sms.aliyun.access_key_secret", "PASSPORT_SMS__ALIYUN__ACCESS_KEY_SECRET"),
        ("sms.tencent.secret_key", "PASSPORT_SMS__TENCENT__SECRET_KEY"),
    ] {
        let canary = format!("canary {KEY}");
        let home = Passport::embedded().with_file("good", &canary).with_file("empty", "\n");
        let with_file = |file: &str| home.clone().set(&format!("{variable}_FILE"), file);

        let both = refusal(with_file("good").set(variable, &canary)).await;
        assert_eq!(both, format!("passport: {setting} and {setting}_file are both set: give one of them"));
        let missing = refusal(with_file("missing")).await;
        assert!(missing.starts_with(&format!("passport: {setting}_file: missing cannot be read")), "{missing}");
        let empty = refusal(with_file("empty")).await;
        assert_eq!(empty, format!("passport: {setting}_file: empty is empty"));
    }
}
