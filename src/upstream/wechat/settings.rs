use std::time::Duration;

use serde::Deserialize;
use url::Url;
use validator::{Validate, ValidationError};

use crate::{
    types::Secret,
    upstream::settings::{check_api_base, check_connect_timeout, check_deadline, require},
};

/// How much earlier than the configured deadline a call to WeChat ends. The rest is for the service's own response.
pub const DEADLINE_MARGIN: Duration = Duration::from_millis(500);

/// The `[wechat]` table.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "check_live"))]
pub struct Settings {
    pub mode: Mode,
    /// The address of WeChat's API; empty for the mode's own.
    #[validate(custom(function = "check_api_base"))]
    pub api_base: String,
    /// The address of the pages that WeChat shows to users; empty for the mode's own.
    #[validate(custom(function = "check_api_base"))]
    pub open_base: String,
    /// How long a request that needs WeChat may take. A call to WeChat, with its retry, ends [`DEADLINE_MARGIN`] earlier.
    #[serde(with = "crate::types::duration")]
    #[validate(custom(function = "check_deadline"))]
    pub deadline: Duration,
    #[serde(with = "crate::types::duration")]
    #[validate(custom(function = "check_connect_timeout"))]
    pub connect_timeout: Duration,
    /// Concurrent requests to WeChat; more wait, within their deadline.
    #[validate(range(min = 1, message = "must be at least 1"))]
    pub max_concurrency: usize,
    pub mini: AppSettings,
    #[validate(nested)]
    pub official: OfficialSettings,
}

impl Settings {
    pub fn is_sandbox(&self) -> bool {
        self.mode == Mode::Sandbox
    }
}

/// Which WeChat the client calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    Sandbox,
    Live,
}

/// An app registered with WeChat.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppSettings {
    pub appid: String,
    pub secret: Secret,
    /// A file that contains the secret, instead of `secret`. Empty once the configuration has read it.
    pub secret_file: String,
}

/// The official account, through which users log in from WeChat's browser.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct OfficialSettings {
    pub appid: String,
    pub secret: Secret,
    /// A file that contains the secret, instead of `secret`. Empty once the configuration has read it.
    pub secret_file: String,
    /// The addresses to which WeChat's consent page may send users back; the first is the default.
    #[validate(custom(function = "check_return_urls"))]
    pub return_urls: Vec<String>,
}

/// What the client is made from: the settings with the mode and the secret files resolved.
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

fn check_return_urls(urls: &[String]) -> Result<(), ValidationError> {
    let is_page = |url: Url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.fragment().is_none();
    let are_pages = urls.iter().all(|url| Url::parse(url).is_ok_and(is_page));
    require(are_pages, "must be http(s) addresses without a fragment")
}

/// Runs after the configuration has read the secret files.
fn check_live(settings: &Settings) -> Result<(), ValidationError> {
    let Settings { mode, mini, official, .. } = settings;
    if *mode == Mode::Sandbox {
        return Ok(());
    }
    require(
        !mini.appid.is_empty() && !mini.secret.is_empty(),
        "mode \"live\" needs mini.appid, and mini.secret or mini.secret_file",
    )?;
    let is_set = [!official.appid.is_empty(), !official.secret.is_empty(), !official.return_urls.is_empty()];
    require(
        is_set == [true; 3] || is_set == [false; 3],
        "mode \"live\" with an official account needs official.appid, official.secret or official.secret_file, and \
         official.return_urls",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The errors in sandbox settings with `lines` in place of the lines of the same keys.
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
            "open_base = \"https://gateway.example.com/open\"",
            "official = { appid = \"\", secret = \"\", secret_file = \"\", return_urls = [\"http://localhost:3000/a?b=c\"] }",
            "mode = \"live\"\nmini = { appid = \"wx1\", secret = \"s\", secret_file = \"\" }\n\
             official = { appid = \"wx2\", secret = \"s\", secret_file = \"\", return_urls = [\"https://shop.example.com/\"] }",
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
            ("open_base = \"open.weixin.qq.com\"", "open_base"),
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
