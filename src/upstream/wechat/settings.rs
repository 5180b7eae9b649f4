use std::{borrow::Cow, time::Duration};

use serde::Deserialize;
use url::Url;
use validator::{Validate, ValidationError};

use crate::{types::Secret, upstream::http};

use super::DEADLINE_MARGIN;

/// The `[wechat]` table.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "check_live"))]
pub struct Settings {
    pub mode: Mode,
    /// The address of WeChat's API; empty for the mode's own.
    #[validate(custom(function = "check_api_base"))]
    pub api_base: String,
    /// The address of the pages that WeChat shows to people; empty for the mode's own.
    #[validate(custom(function = "check_api_base"))]
    pub open_base: String,
    /// How long a request of ours may take while it needs WeChat; a call to WeChat, its retry included, ends
    /// [`DEADLINE_MARGIN`] earlier.
    #[serde(with = "crate::types::duration")]
    #[validate(custom(function = "check_deadline"))]
    pub deadline: Duration,
    #[serde(with = "crate::types::duration")]
    #[validate(custom(function = "check_connect_timeout"))]
    pub connect_timeout: Duration,
    /// Requests to WeChat that run at once; more wait, within their deadline.
    #[validate(range(min = 1, message = "must be at least 1"))]
    pub max_concurrency: usize,
    #[validate(nested)]
    pub mini: AppSettings,
    #[validate(nested)]
    pub official: OfficialSettings,
}

impl Settings {
    pub fn is_sandbox(&self) -> bool {
        self.mode == Mode::Sandbox
    }
}

/// Which WeChat the client speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    Sandbox,
    Live,
}

/// An app registered with WeChat.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "check_one_secret"))]
pub struct AppSettings {
    pub appid: String,
    pub secret: Secret,
    /// A file that holds the secret, instead of the secret itself.
    pub secret_file: String,
}

/// The official account, through which people log in from a browser within WeChat.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "check_one_official_secret"))]
pub struct OfficialSettings {
    pub appid: String,
    pub secret: Secret,
    /// A file that holds the secret, instead of the secret itself.
    pub secret_file: String,
    /// The addresses to which WeChat's page may send people back; the first is the default.
    #[validate(custom(function = "check_return_urls"))]
    pub return_urls: Vec<String>,
}

/// What [`super::WechatClient`] is made from: the settings with the mode and the files resolved.
pub struct ClientSettings {
    pub api_base: Url,
    pub open_base: Url,
    pub mini_appid: String,
    pub mini_secret: Secret,
    /// The appid and the secret of the official account.
    pub official: Option<(String, Secret)>,
    pub deadline: Duration,
    pub connect_timeout: Duration,
    pub max_concurrency: usize,
}

fn check_api_base(api_base: &str) -> Result<(), ValidationError> {
    let usable = api_base.is_empty() || Url::parse(api_base).is_ok_and(|url| http::is_base(&url));
    holds(usable, "must be empty or http(s)://host[:port][/path]")
}

fn check_deadline(deadline: &Duration) -> Result<(), ValidationError> {
    let usable = (2 * DEADLINE_MARGIN..=Duration::from_secs(60)).contains(deadline);
    holds(usable, "must be between 1s and 60s")
}

fn check_connect_timeout(timeout: &Duration) -> Result<(), ValidationError> {
    let usable = (Duration::from_millis(100)..=Duration::from_secs(60)).contains(timeout);
    holds(usable, "must be between 100ms and 60s")
}

fn check_one_secret(app: &AppSettings) -> Result<(), ValidationError> {
    check_secret(&app.secret, &app.secret_file)
}

fn check_one_official_secret(app: &OfficialSettings) -> Result<(), ValidationError> {
    check_secret(&app.secret, &app.secret_file)
}

fn check_secret(secret: &Secret, secret_file: &str) -> Result<(), ValidationError> {
    holds(secret.is_empty() || secret_file.is_empty(), "give secret or secret_file, not both")
}

fn check_return_urls(urls: &[String]) -> Result<(), ValidationError> {
    let is_page = |url: Url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.fragment().is_none();
    let usable = urls.iter().all(|url| Url::parse(url).is_ok_and(is_page));
    holds(usable, "must be http(s) addresses without a fragment")
}

fn check_live(settings: &Settings) -> Result<(), ValidationError> {
    let Settings { mode, mini, official, .. } = settings;
    if *mode == Mode::Sandbox {
        return Ok(());
    }
    let lacking = mini.appid.is_empty() || (mini.secret.is_empty() && mini.secret_file.is_empty());
    holds(!lacking, "mode \"live\" needs mini.appid, and mini.secret or mini.secret_file")?;

    let has_secret = !official.secret.is_empty() || !official.secret_file.is_empty();
    let whole = !official.appid.is_empty() && has_secret && !official.return_urls.is_empty();
    let absent = official.appid.is_empty() && !has_secret && official.return_urls.is_empty();
    holds(
        whole || absent,
        "mode \"live\" with an official account needs official.appid, official.secret or official.secret_file, and \
         official.return_urls",
    )
}

fn holds(rule: bool, otherwise: &'static str) -> Result<(), ValidationError> {
    match rule {
        true => Ok(()),
        false => Err(ValidationError::new("invalid").with_message(Cow::Borrowed(otherwise))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said about sandbox settings with `lines` in place of the lines of the same keys.
    fn mistake(lines: &str) -> Option<String> {
        let mut table: toml::Table = toml::from_str(
            "mode = \"sandbox\"\napi_base = \"\"\ndeadline = \"8s\"\nconnect_timeout = \"2s\"\nmax_concurrency = 64\n\
             open_base = \"\"\n\
             mini = { appid = \"\", secret = \"\", secret_file = \"\" }\n\
             official = { appid = \"\", secret = \"\", secret_file = \"\", return_urls = [] }",
        )
        .expect("the settings are TOML");
        table.extend(toml::from_str::<toml::Table>(lines).expect("the lines are TOML"));
        match table.try_into::<Settings>() {
            Err(error) => Some(error.to_string()),
            Ok(settings) => settings.validate().err().map(|errors| errors.to_string()),
        }
    }

    #[test]
    fn good_settings_pass() {
        for lines in [
            "",
            "api_base = \"http://127.0.0.1:8081\"",
            "api_base = \"https://gateway.example.com/wechat\"",
            "mode = \"live\"\nmini = { appid = \"wx1\", secret = \"s\", secret_file = \"\" }",
            "mode = \"live\"\nmini = { appid = \"wx1\", secret = \"\", secret_file = \"f\" }",
            "open_base = \"https://gateway.example.com/open\"",
            "official = { appid = \"\", secret = \"\", secret_file = \"\", return_urls = [\"http://localhost:3000/a?b=c\"] }",
            "mode = \"live\"\nmini = { appid = \"wx1\", secret = \"s\", secret_file = \"\" }\n\
             official = { appid = \"wx2\", secret = \"\", secret_file = \"f\", return_urls = [\"https://shop.example.com/\"] }",
        ] {
            assert_eq!(mistake(lines), None, "{lines}");
        }
    }

    #[test]
    fn each_mistake_is_named_and_no_secret_is_repeated() {
        for (lines, named) in [
            ("mode = \"test\"", "test"),
            ("surplus = 1", "surplus"),
            ("api_base = \"api.weixin.qq.com\"", "api_base"),
            ("api_base = \"ftp://example.com\"", "api_base"),
            ("deadline = \"900ms\"", "deadline"),
            ("deadline = \"2m\"", "deadline"),
            ("connect_timeout = 0", "connect_timeout"),
            ("max_concurrency = 0", "max_concurrency"),
            ("mini = { appid = \"wx1\", secret = \"canary\", secret_file = \"f\" }", "secret_file"),
            ("open_base = \"open.weixin.qq.com\"", "open_base"),
            (
                "official = { appid = \"wx2\", secret = \"canary\", secret_file = \"f\", return_urls = [] }",
                "secret_file",
            ),
            (
                "official = { appid = \"\", secret = \"\", secret_file = \"\", return_urls = [\"shop.example.com\"] }",
                "return_urls",
            ),
            (
                "official = { appid = \"\", secret = \"\", secret_file = \"\", return_urls = [\"javascript:x\"] }",
                "return_urls",
            ),
            (
                "official = { appid = \"\", secret = \"\", secret_file = \"\", return_urls = [\"https://a.example/#b\"] }",
                "return_urls",
            ),
            (
                "mode = \"live\"\nmini = { appid = \"wx1\", secret = \"s\", secret_file = \"\" }\n\
                 official = { appid = \"wx2\", secret = \"canary\", secret_file = \"\", return_urls = [] }",
                "official.return_urls",
            ),
            (
                "mode = \"live\"\nmini = { appid = \"wx1\", secret = \"s\", secret_file = \"\" }\n\
                 official = { appid = \"wx2\", secret = \"\", secret_file = \"\", return_urls = [\"https://a.example/\"] }",
                "official.secret",
            ),
            ("mode = \"live\"", "mini.appid"),
            ("mode = \"live\"\nmini = { appid = \"wx1\", secret = \"\", secret_file = \"\" }", "mini.secret"),
            ("mode = \"live\"\nmini = { appid = \"\", secret = \"canary\", secret_file = \"\" }", "mini.appid"),
        ] {
            let mistake = mistake(lines).unwrap_or_else(|| panic!("{lines} should be refused"));
            assert!(mistake.contains(named), "{lines}: {mistake}");
            assert!(!mistake.contains("canary"), "{lines}: {mistake}");
        }
    }
}
