use std::time::Duration;

use serde::Deserialize;
use validator::{Validate, ValidationError};

use super::message::SmsMessage;
use crate::{
    types::Secret,
    upstream::settings::{check_api_base, check_connect_timeout, check_deadline, require},
};

const ALIYUN: &str = "https://dysmsapi.aliyuncs.com";
const TENCENT: &str = "https://sms.tencentcloudapi.com";

/// The `[sms]` table.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "check_gateway"), schema(function = "check_timeouts"))]
pub struct Settings {
    pub gateway: GatewayKind,
    /// The address of the gateway's API; empty for the gateway's own.
    #[validate(custom(function = "check_api_base"))]
    pub api_base: String,
    /// How long the client waits for the outcome of one message.
    #[serde(with = "crate::types::duration")]
    #[validate(custom(function = "check_deadline"))]
    pub deadline: Duration,
    #[serde(with = "crate::types::duration")]
    #[validate(custom(function = "check_connect_timeout"))]
    pub connect_timeout: Duration,
    /// Concurrent requests to the gateway; more wait, within their deadline.
    #[validate(range(min = 1, message = "must be at least 1"))]
    pub max_concurrency: usize,
    #[validate(nested)]
    pub aliyun: AliyunSettings,
    #[validate(nested)]
    pub tencent: TencentSettings,
}

impl Settings {
    pub fn is_sandbox(&self) -> bool {
        self.gateway == GatewayKind::Sandbox
    }
}

/// Which gateway delivers the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GatewayKind {
    Sandbox,
    Aliyun,
    Tencent,
}

/// The `[sms.aliyun]` table.
#[derive(Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct AliyunSettings {
    #[validate(custom(function = "check_word"))]
    pub access_key_id: String,
    pub access_key_secret: Secret,
    /// A file that contains the secret, instead of `access_key_secret`. Empty once the configuration has read it.
    pub access_key_secret_file: String,
    /// The approved signature that every message begins with.
    pub sign_name: String,
    pub templates: TemplateSettings,
}

/// The `[sms.tencent]` table.
#[derive(Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct TencentSettings {
    #[validate(custom(function = "check_word"))]
    pub secret_id: String,
    pub secret_key: Secret,
    /// A file that contains the secret key, instead of `secret_key`. Empty once the configuration has read it.
    pub secret_key_file: String,
    pub sdk_app_id: String,
    /// The approved signature that every message begins with.
    pub sign_name: String,
    #[validate(custom(function = "check_word"))]
    pub region: String,
    pub templates: TemplateSettings,
}

/// The gateway's ids of the approved templates. Those for a code have one variable, which at Aliyun is named `code`;
/// those for a notice have none.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateSettings {
    pub register: String,
    pub password: String,
    pub already_registered: String,
    pub not_registered: String,
}

impl Settings {
    /// Whether the gateway can send [`SmsMessage::AlreadyRegistered`] and [`SmsMessage::NotRegistered`], for which a
    /// gateway needs templates that are otherwise optional.
    pub fn has_notices(&self) -> bool {
        let has_both = |templates: &TemplateSettings| {
            !templates.already_registered.is_empty() && !templates.not_registered.is_empty()
        };
        match self.gateway {
            GatewayKind::Sandbox => true,
            GatewayKind::Aliyun => has_both(&self.aliyun.templates),
            GatewayKind::Tencent => has_both(&self.tencent.templates),
        }
    }

    /// The address of the gateway's API; empty when the sandbox's was not given.
    pub(super) fn base(&self) -> &str {
        match self.gateway {
            _ if !self.api_base.is_empty() => &self.api_base,
            GatewayKind::Sandbox => "",
            GatewayKind::Aliyun => ALIYUN,
            GatewayKind::Tencent => TENCENT,
        }
    }
}

impl TemplateSettings {
    pub(super) fn of(&self, message: &SmsMessage) -> Option<&str> {
        let template = match message {
            SmsMessage::RegisterCode(_) => &self.register,
            SmsMessage::PasswordCode(_) => &self.password,
            SmsMessage::AlreadyRegistered => &self.already_registered,
            SmsMessage::NotRegistered => &self.not_registered,
        };
        Some(template.as_str()).filter(|template| !template.is_empty())
    }
}

/// Otherwise an unreachable gateway could not be told from one that does not respond.
fn check_timeouts(settings: &Settings) -> Result<(), ValidationError> {
    require(settings.connect_timeout < settings.deadline, "connect_timeout must be shorter than deadline")
}

/// For values that are sent in a header.
fn check_word(word: &str) -> Result<(), ValidationError> {
    require(word.bytes().all(|byte| byte.is_ascii_graphic()), "must be of visible ASCII characters")
}

/// What the configured gateway needs; the tables of the others may stay empty. Runs after the configuration has read
/// the secret files.
fn check_gateway(settings: &Settings) -> Result<(), ValidationError> {
    let Settings { aliyun, tencent, .. } = settings;
    let (required, message) = match settings.gateway {
        GatewayKind::Sandbox => return Ok(()),
        GatewayKind::Aliyun => (
            vec![
                &*aliyun.access_key_id,
                aliyun.access_key_secret.expose(),
                &aliyun.sign_name,
                &aliyun.templates.register,
                &aliyun.templates.password,
            ],
            "gateway \"aliyun\" needs aliyun.access_key_id, aliyun.access_key_secret or aliyun.access_key_secret_file, \
             aliyun.sign_name, aliyun.templates.register and aliyun.templates.password",
        ),
        GatewayKind::Tencent => (
            vec![
                &*tencent.secret_id,
                tencent.secret_key.expose(),
                &tencent.sdk_app_id,
                &tencent.sign_name,
                &tencent.region,
                &tencent.templates.register,
                &tencent.templates.password,
            ],
            "gateway \"tencent\" needs tencent.secret_id, tencent.secret_key or tencent.secret_key_file, \
             tencent.sdk_app_id, tencent.sign_name, tencent.region, tencent.templates.register and \
             tencent.templates.password",
        ),
    };
    require(required.iter().all(|text| !text.is_empty()), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SANDBOX: &str = r#"
gateway = "sandbox"
api_base = ""
deadline = "8s"
connect_timeout = "2s"
max_concurrency = 32
[aliyun]
access_key_id = ""
access_key_secret = ""
access_key_secret_file = ""
sign_name = ""
templates = { register = "", password = "", already_registered = "", not_registered = "" }
[tencent]
secret_id = ""
secret_key = ""
secret_key_file = ""
sdk_app_id = ""
sign_name = ""
region = "ap-guangzhou"
templates = { register = "", password = "", already_registered = "", not_registered = "" }
"#;
    const ALIYUN: &str = r#"
gateway = "aliyun"
aliyun.access_key_id = "id"
aliyun.access_key_secret = "canary"
aliyun.sign_name = "沃生优购"
aliyun.templates.register = "SMS_1"
aliyun.templates.password = "SMS_2"
"#;
    const TENCENT: &str = r#"
gateway = "tencent"
tencent.secret_id = "id"
tencent.secret_key = "canary"
tencent.sdk_app_id = "1400000001"
tencent.sign_name = "沃生优购"
tencent.templates.register = "1"
tencent.templates.password = "2"
"#;

    fn lay_over(table: &mut toml::Table, over: toml::Table) {
        for (key, value) in over {
            match (table.get_mut(&key), value) {
                (Some(toml::Value::Table(below)), toml::Value::Table(above)) => lay_over(below, above),
                (_, value) => {
                    table.insert(key, value);
                }
            }
        }
    }

    /// The sandbox's settings with each of `layers` laid over, or the errors in them.
    fn settings(layers: &[&str]) -> Result<Settings, String> {
        let mut table: toml::Table = toml::from_str(SANDBOX).expect("the settings are TOML");
        for layer in layers {
            lay_over(&mut table, toml::from_str(layer).expect("the lines are TOML"));
        }
        let settings: Settings = table.try_into().map_err(|error: toml::de::Error| error.to_string())?;
        match settings.validate() {
            Ok(()) => Ok(settings),
            Err(errors) => Err(errors.to_string()),
        }
    }

    fn mistake(layers: &[&str]) -> Option<String> {
        settings(layers).err()
    }

    #[test]
    fn good_settings_pass() {
        for layers in [&[""] as &[&str], &["api_base = \"http://127.0.0.1:8081\""], &[ALIYUN], &[TENCENT]] {
            assert_eq!(mistake(layers), None, "{layers:?}");
        }
    }

    #[test]
    fn a_gateway_needs_templates_for_notices_only_to_send_notices() {
        let notices = "tencent.templates.already_registered = \"3\"\ntencent.templates.not_registered = \"4\"";
        for (layers, expected) in
            [(&[""] as &[&str], true), (&[ALIYUN], false), (&[TENCENT], false), (&[TENCENT, notices], true)]
        {
            assert_eq!(settings(layers).map(|settings| settings.has_notices()), Ok(expected), "{layers:?}");
        }
    }

    #[test]
    fn each_gateway_has_an_address_of_its_own_but_the_sandbox() {
        let base = |layers: &[&str]| settings(layers).map(|settings| settings.base().to_owned());
        assert_eq!(base(&[""]).as_deref(), Ok(""));
        assert_eq!(base(&[ALIYUN]).as_deref(), Ok("https://dysmsapi.aliyuncs.com"));
        assert_eq!(base(&[TENCENT]).as_deref(), Ok("https://sms.tencentcloudapi.com"));
        assert_eq!(base(&[TENCENT, "api_base = \"http://127.0.0.1:1\""]).as_deref(), Ok("http://127.0.0.1:1"));
    }

    #[test]
    fn each_mistake_is_named_and_no_secret_is_repeated() {
        for (layers, named) in [
            (&["gateway = \"pigeon\""] as &[&str], "pigeon"),
            (&["surplus = 1"], "surplus"),
            (&["aliyun.surplus = 1"], "surplus"),
            (&["tencent.templates.surplus = 1"], "surplus"),
            (&["api_base = \"sms.example.com\""], "api_base"),
            (&["deadline = \"900ms\""], "deadline"),
            (&["deadline = \"2m\""], "deadline"),
            (&["connect_timeout = \"50ms\""], "connect_timeout"),
            (&["connect_timeout = \"8s\""], "shorter than deadline"),
            (&["max_concurrency = 0"], "max_concurrency"),
            (&["gateway = \"aliyun\""], "aliyun.access_key_id"),
            (&[ALIYUN, "aliyun.access_key_id = \"\""], "aliyun.access_key_id"),
            (&[ALIYUN, "aliyun.access_key_id = \"a\\nb\""], "access_key_id"),
            (&[ALIYUN, "aliyun.access_key_secret = \"\""], "aliyun.access_key_secret"),
            (&[ALIYUN, "aliyun.sign_name = \"\""], "aliyun.sign_name"),
            (&[ALIYUN, "aliyun.templates.register = \"\""], "aliyun.templates.register"),
            (&[ALIYUN, "aliyun.templates.password = \"\""], "aliyun.templates.password"),
            (&["gateway = \"tencent\""], "tencent.secret_id"),
            (&[TENCENT, "tencent.secret_id = \"\""], "tencent.secret_id"),
            (&[TENCENT, "tencent.secret_key = \"\""], "tencent.secret_key"),
            (&[TENCENT, "tencent.sdk_app_id = \"\""], "tencent.sdk_app_id"),
            (&[TENCENT, "tencent.sign_name = \"\""], "tencent.sign_name"),
            (&[TENCENT, "tencent.region = \"\""], "tencent.region"),
            (&[TENCENT, "tencent.templates.password = \"\""], "tencent.templates.password"),
        ] {
            let mistake = mistake(layers).unwrap_or_else(|| panic!("{layers:?} should be refused"));
            assert!(mistake.contains(named), "{layers:?}: {mistake}");
            assert!(!mistake.contains("canary"), "{layers:?}: {mistake}");
        }
    }
}
