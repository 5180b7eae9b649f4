use std::{fs, path::Path};

use super::{Config, Sources};

fn load(environment: &[(&str, &str)]) -> Result<Config, String> {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::load(Sources { environment, ..Sources::default() }).map_err(|errors| errors.to_string())
}

fn errors(environment: &[(&str, &str)]) -> String {
    load(environment).err().unwrap_or_default()
}

fn load_file(text: &str) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("passport.toml");
    fs::write(&file, text).unwrap();
    let sources = Sources { file: Some(file), ..Sources::default() };
    Config::load(sources).map_err(|errors| errors.to_string())
}

const SECRET: (&str, &str) = ("PASSPORT_SECRET_KEY", "12345678901234567890123456789012");

#[test]
fn without_any_source_the_defaults_are_as_documented() {
    let config = load(&[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.sandbox_listen.to_string(), "127.0.0.1:8081");
    assert!(config.database_url().is_none());
    assert_eq!(config.data_dir, Path::new("./data"));
    assert_eq!(config.applet.token_ttl.as_secs(), 7 * 86_400);
    assert_eq!(config.applet.session_ttl.as_secs(), 180 * 86_400);
    assert!(config.is_sandbox());
}

#[test]
fn the_environment_sets_what_its_default_is() {
    let config = load(&[
        ("PASSPORT_LISTEN", "127.0.0.1:9000"),
        ("PASSPORT_APPLET__TOKEN_TTL", "90"),
        ("PASSPORT_APPLET__EXPOSE_SESSION_KEY", "false"),
        ("PASSPORT_DATABASE__MAX_CONNECTIONS", "8"),
        ("PASSPORT_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
        SECRET,
        ("HOME", "/nowhere"),
    ])
    .unwrap();
    assert_eq!(config.listen.port(), 9000);
    assert_eq!(config.applet.token_ttl.as_secs(), 90);
    assert!(!config.applet.expose_session_key);
    assert_eq!(config.database.max_connections, 8);
    assert_eq!(config.secret_key.expose(), SECRET.1, "a secret of digits stays a text");
}

#[test]
fn flags_win_over_the_environment_and_the_environment_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("passport.toml");
    fs::write(&file, "listen = \"127.0.0.1:1\"\ndata_dir = \"/file\"\n[log]\nlevel = \"warn\"\n").unwrap();
    let sources = |listen: Option<&str>| Sources {
        file: Some(file.clone()),
        environment: vec![("PASSPORT_LISTEN".to_owned(), "127.0.0.1:2".to_owned())],
        listen: listen.map(str::to_owned),
        database_url: None,
    };
    assert_eq!(Config::load(sources(None)).unwrap().listen.port(), 2);
    let config = Config::load(sources(Some("127.0.0.1:3"))).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.data_dir, Path::new("/file"));
}

#[test]
fn each_error_is_one_line_that_names_the_setting() {
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[("PASSPORT_LISTNE", "127.0.0.1:1")], "PASSPORT_LISTNE"),
        (&[("PASSPORT_APPLET__TTL", "1")], "PASSPORT_APPLET__TTL"),
        (&[("PASSPORT_APPLET", "1")], "PASSPORT_APPLET"),
        (&[("PASSPORT_LISTEN", "nowhere")], "listen"),
        (&[("PASSPORT_LOG__LEVEL", "loud")], "level"),
        (&[("PASSPORT_DATABASE__MAX_CONNECTIONS", "many")], "PASSPORT_DATABASE__MAX_CONNECTIONS"),
        (&[("PASSPORT_DATABASE__MAX_CONNECTIONS", "1001")], "database.max_connections"),
        (&[("PASSPORT_APPLET__TOKEN_TTL", "soon")], "token_ttl"),
        (&[("PASSPORT_APPLET__TOKEN_TTL", "0")], "applet.token_ttl"),
        (&[("PASSPORT_APPLET__SESSION_TTL", "1d")], "applet.session_ttl"),
        (&[("PASSPORT_APPLET__CODE_FAILURES__MAX", "0")], "applet.code_failures.max"),
        (&[("PASSPORT_TRUSTED_PROXIES", "proxy.example")], "trusted_proxies"),
        (&[SECRET, ("PASSPORT_DATABASE_URL", "oracle://db")], "database_url"),
        (&[("PASSPORT_DATABASE_URL", "postgres://db/passport")], "secret_key"),
        (&[("PASSPORT_SECRET_KEY", "short")], "secret_key"),
        (&[("PASSPORT_PREVIOUS_SECRET_KEYS", "short")], "previous_secret_keys"),
        (&[SECRET, ("PASSPORT_SECRET_KEY_FILE", "/nowhere")], "secret_key"),
        (&[("PASSPORT_SECRET_KEY_FILE", "/nowhere")], "secret_key_file"),
        (&[("PASSPORT_LISTEN", "0.0.0.0:80")], "sandbox_open_to_everyone"),
        (&[("PASSPORT_SANDBOX_LISTEN", "0.0.0.0:81")], "sandbox_open_to_everyone"),
        (&[SECRET, ("PASSPORT_WECHAT__MODE", "live")], "wechat"),
    ];
    for (environment, named) in table {
        let errors = errors(environment);
        assert!(errors.contains(named), "{environment:?} gave {errors:?}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
    }
}

#[test]
fn several_errors_are_several_lines() {
    let errors =
        errors(&[("PASSPORT_SECRET_KEY", "short"), ("PASSPORT_SWEEP__BATCH", "0"), ("PASSPORT_LISTEN", "0.0.0.0:1")]);
    assert_eq!(errors.lines().count(), 3, "{errors}");
}

#[test]
fn no_error_repeats_a_secret() {
    for environment in [
        [("PASSPORT_SECRET_KEY", "canary"), ("PASSPORT_LISTEN", "nowhere")],
        [("PASSPORT_DATABASE_URL", "oracle://user:canary@db"), ("PASSPORT_LISTEN", "127.0.0.1:1")],
        [("PASSPORT_WECHAT__MINI__SECRET", "canary"), ("PASSPORT_WECHAT__MINI__SECRET_FILE", "/nowhere")],
    ] {
        let errors = errors(&environment);
        assert!(!errors.is_empty() && !errors.contains("canary"), "{errors}");
    }
}

#[test]
fn a_file_with_an_unknown_or_malformed_setting_stops_the_start() {
    for (text, named) in [
        ("lisen = 1", "lisen"),
        ("[applet]\nttl = 1", "applet.ttl"),
        ("applet = 1", "applet"),
        ("listen = ", "passport.toml"),
    ] {
        let error = load_file(text).err().unwrap_or_default();
        assert!(error.contains(named), "{text:?} gave {error:?}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn live_wechat_needs_its_app_and_a_secret_and_has_no_sandbox() {
    let live = [
        SECRET,
        ("PASSPORT_WECHAT__MODE", "live"),
        ("PASSPORT_WECHAT__MINI__APPID", "wx1"),
        ("PASSPORT_WECHAT__MINI__SECRET", "s"),
        ("PASSPORT_LISTEN", "0.0.0.0:80"),
    ];
    assert!(!load(&live).unwrap().is_sandbox());
    assert!(errors(&live[1..]).contains("secret_key"));
    let open = [live.as_slice(), &[("PASSPORT_SANDBOX_OPEN_TO_EVERYONE", "true")]].concat();
    assert!(errors(&open).contains("sandbox_open_to_everyone"));
}

#[test]
fn every_secret_can_be_given_as_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, "a secret in a file, of more than 32 bytes\n").unwrap();
    let file = file.to_str().unwrap();
    let config = load(&[
        ("PASSPORT_SECRET_KEY_FILE", file),
        ("PASSPORT_WECHAT__MODE", "live"),
        ("PASSPORT_WECHAT__MINI__APPID", "wx1"),
        ("PASSPORT_WECHAT__MINI__SECRET_FILE", file),
        ("PASSPORT_WECHAT__OFFICIAL__APPID", "wx2"),
        ("PASSPORT_WECHAT__OFFICIAL__SECRET_FILE", file),
        ("PASSPORT_WECHAT__OFFICIAL__RETURN_URLS", "https://mall.example.com/wechat"),
        ("PASSPORT_SMS__ALIYUN__ACCESS_KEY_SECRET_FILE", file),
        ("PASSPORT_SMS__TENCENT__SECRET_KEY_FILE", file),
    ])
    .unwrap();
    let secrets = [
        &config.secret_key,
        &config.wechat.mini.secret,
        &config.wechat.official.secret,
        &config.sms.aliyun.access_key_secret,
        &config.sms.tencent.secret_key,
    ];
    for secret in secrets {
        assert_eq!(secret.expose(), "a secret in a file, of more than 32 bytes");
    }
}
