use super::*;

const SOURCE_TEXT: &str = r#"# All settings,
# with defaults.
#
# Spans of time are texts.

# Where to listen.
# An address.
listen = "127.0.0.1:8080"

# How often.
[mall.limits]
# Messages for <one> number.
sms = { max = 10, window = "1d" }
"#;

const CHINESE_TEXT: &str = r#"
preface = "全部配置。"
"listen" = "监听地址。"
"mall.limits" = "次数。"
"mall.limits.sms" = "每个号码的短信。"
"#;

fn english() -> BTreeMap<String, String> {
    Settings::parse(SOURCE_TEXT).unwrap().descriptions()
}

#[test]
fn the_page_has_each_setting_with_its_variables_its_default_and_its_comment() {
    let page = Settings::parse(SOURCE_TEXT).unwrap().page(&ENGLISH_WORDS, &english());
    assert_eq!(
        page,
        r#"<!-- Written by `cargo xtask docs` from passport.example.toml. -->

# Settings

All settings, with defaults.

Spans of time are texts.

| Setting | Environment | Default | Meaning |
|---|---|---|---|
| `listen` | `PASSPORT_LISTEN` | `"127.0.0.1:8080"` | Where to listen. An address. |

## `[mall.limits]`

How often.

| Setting | Environment | Default | Meaning |
|---|---|---|---|
| `mall.limits.sms` | `PASSPORT_MALL__LIMITS__SMS__MAX`, `PASSPORT_MALL__LIMITS__SMS__WINDOW` | `{ max = 10, window = "1d" }` | Messages for &lt;one> number. |
"#
    );
}

#[test]
fn a_setting_without_a_comment_is_named() {
    let error = Settings::parse("# Where.\nlisten = 1\nport = 2\n").err().unwrap();
    assert_eq!(error, "passport.example.toml: port has no comment");
}

#[test]
fn a_missing_or_superfluous_chinese_description_is_named() {
    assert!(chinese(CHINESE_TEXT, &english()).is_ok());
    let renamed = CHINESE_TEXT.replace("\"listen\"", "\"listens\"");
    assert_eq!(
        chinese(&renamed, &english()).unwrap_err(),
        "docs/zh/settings.toml: \"listen\" is missing\n\
         docs/zh/settings.toml: \"listens\" describes nothing in passport.example.toml"
    );
}

#[test]
fn the_numbers_of_a_default_are_known_by_the_name_of_the_setting_or_the_table() {
    let settings = Settings::parse(SOURCE_TEXT).unwrap();
    assert_eq!(settings.default_numbers("mall.limits.sms"), Some(vec![10, 1]));
    assert_eq!(settings.default_numbers("mall.limits"), Some(vec![10, 1]));
    assert_eq!(settings.default_numbers("mall.limits.sm"), None);
    assert!(settings.looks_like_one("mall.limits.sm") && !settings.looks_like_one("mail.limits"));
}
