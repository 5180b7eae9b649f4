//! Gathers every part's settings with their defaults and checks. Nothing else reads files or the environment.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use serde::Deserialize;
use toml::{Table, Value};
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use crate::{
    account::{KeySettings, PasswordSettings, SweepSettings},
    applet::Settings as AppletSettings,
    http::{CorsSettings, ProxySettings},
    mall::Settings as MallSettings,
    ops::LogSettings,
    storage::Settings as DatabaseSettings,
    types::{Random, Secret},
    upstream::{sms::Settings as SmsSettings, wechat::Settings as WechatSettings},
};

/// Every setting with its default, and what it means.
const DEFAULTS: &str = include_str!("../passport.example.toml");

/// Read when `--config` names no other file, if it is there.
const DEFAULT_FILE: &str = "passport.toml";

const PREFIX: &str = "PASSPORT_";

/// Where settings come from, the later ones first in rank.
#[derive(Default)]
pub struct Sources {
    pub file: Option<PathBuf>,
    /// Of these, the ones that begin with `PASSPORT_`.
    pub environment: Vec<(String, String)>,
    pub listen: Option<String>,
    pub database_url: Option<String>,
}

/// What the environment says about our settings. The rest of it may be of any bytes.
///
/// # Errors
/// When one of ours is no text.
pub fn environment() -> Result<Vec<(String, String)>, Mistakes> {
    let ours = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.to_string_lossy().into_owned();
        name.starts_with(PREFIX).then_some((name, value))
    });
    let text = |(name, value): (String, OsString)| match value.into_string() {
        Ok(value) => Ok((name, value)),
        Err(_) => Err(format!("{name}: must be UTF-8").into()),
    };
    ours.map(text).collect()
}

/// Every setting, checked.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub listen: SocketAddr,
    database_url: Secret,
    pub data_dir: PathBuf,
    pub sandbox_listen: SocketAddr,
    pub sandbox_open_to_everyone: bool,
    secret_key: Secret,
    secret_key_file: String,
    previous_secret_keys: Vec<Secret>,
    pub trusted_proxies: ProxySettings,
    #[validate(nested)]
    pub applet: AppletSettings,
    #[validate(nested)]
    pub wechat: WechatSettings,
    #[validate(nested)]
    pub mall: MallSettings,
    #[validate(nested)]
    pub sms: SmsSettings,
    #[validate(nested)]
    pub password: PasswordSettings,
    #[validate(nested)]
    pub cors: CorsSettings,
    #[validate(nested)]
    pub database: DatabaseSettings,
    #[validate(nested)]
    pub sweep: SweepSettings,
    #[validate(nested)]
    pub log: LogSettings,
}

/// Every mistake in the settings, a line each.
#[derive(Debug)]
pub struct Mistakes(Vec<String>);

impl std::fmt::Display for Mistakes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Mistakes {}

impl From<String> for Mistakes {
    fn from(mistake: String) -> Self {
        Self(vec![mistake])
    }
}

impl Config {
    /// # Errors
    /// Every setting that is unknown, malformed or does not fit the others.
    pub fn load(sources: Sources) -> Result<Self, Mistakes> {
        let mut settings = defaults();
        if let Some((name, table)) = read_file(sources.file)? {
            merge(&mut settings, table, "").map_err(|mistake| format!("{name}: {mistake}"))?;
        }
        for (name, value) in sources.environment {
            if let Some(key) = name.strip_prefix(PREFIX) {
                set_from_environment(&mut settings, key, value).map_err(|mistake| format!("{name}: {mistake}"))?;
            }
        }
        for (flag, key, value) in
            [("--listen", "listen", sources.listen), ("--database-url", "database_url", sources.database_url)]
        {
            if let Some(value) = value {
                set_from_environment(&mut settings, key, value).map_err(|mistake| format!("{flag}: {mistake}"))?;
            }
        }
        let mut config = Self::deserialize(settings).map_err(|error| one_line(&error.to_string()))?;
        config.read_secret_files()?;
        config.check()?;
        Ok(config)
    }

    /// The URL of the database, which may hold a password; `None` for the embedded one.
    pub fn database_url(&self) -> Option<&Secret> {
        Some(&self.database_url).filter(|url| !url.is_empty())
    }

    pub fn is_sandbox(&self) -> bool {
        self.wechat.is_sandbox()
    }

    /// Makes the data folder where the embedded database needs one.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make_data_dir(&self) -> Result<(), Mistakes> {
        if self.is_embedded() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&self.data_dir)
                .map_err(|error| format!("data_dir: {} cannot be made: {error}", self.data_dir.display()))?;
        }
        Ok(())
    }

    /// The root secrets: the one that is set, or else the one in the data folder, which is made at the first start.
    ///
    /// # Errors
    /// When the file cannot be read or made, or holds no good secret.
    pub fn keys(&self, random: &Random) -> Result<KeySettings, Mistakes> {
        let previous = self.previous_secret_keys.clone();
        if !self.secret_key.is_empty() {
            return Ok(KeySettings { current: self.secret_key.clone(), previous });
        }
        let path = self.data_dir.join("secret.key");
        let current = stored_secret(&path, random)
            .map_err(|error| format!("{} cannot be read or made: {error}", path.display()))?;
        if is_short(&current) {
            return Err(format!("{} is shorter than 32 bytes", path.display()).into());
        }
        Ok(KeySettings { current, previous })
    }

    fn is_embedded(&self) -> bool {
        let url = self.database_url.expose();
        url.is_empty() || url.starts_with("sqlite:")
    }

    fn read_secret_files(&mut self) -> Result<(), Mistakes> {
        let (mini, official) = (&mut self.wechat.mini, &mut self.wechat.official);
        let (aliyun, tencent) = (&mut self.sms.aliyun, &mut self.sms.tencent);
        for (name, secret, file) in [
            ("secret_key", &mut self.secret_key, &mut self.secret_key_file),
            ("wechat.mini.secret", &mut mini.secret, &mut mini.secret_file),
            ("wechat.official.secret", &mut official.secret, &mut official.secret_file),
            ("sms.aliyun.access_key_secret", &mut aliyun.access_key_secret, &mut aliyun.access_key_secret_file),
            ("sms.tencent.secret_key", &mut tencent.secret_key, &mut tencent.secret_key_file),
        ] {
            if file.is_empty() {
                continue;
            }
            if !secret.is_empty() {
                return Err(format!("{name} and {name}_file are both set: give one of them").into());
            }
            let text =
                fs::read_to_string(&*file).map_err(|error| format!("{name}_file: {file} cannot be read: {error}"))?;
            if text.trim().is_empty() {
                return Err(format!("{name}_file: {file} is empty").into());
            }
            *secret = Secret::new(text.trim());
            // From here on it is as if it had been given by value.
            file.clear();
        }
        Ok(())
    }

    /// What the types of the settings do not say.
    fn check(&self) -> Result<(), Mistakes> {
        let mut mistakes = Vec::new();
        if let Err(errors) = self.validate() {
            flatten(&errors, "", &mut mistakes);
        }
        let mut expect = |good: bool, mistake: &str| {
            if !good {
                mistakes.push(mistake.to_owned());
            }
        };
        expect(
            self.is_embedded()
                || ["postgres://", "postgresql://", "mysql://"]
                    .iter()
                    .any(|scheme| self.database_url.expose().starts_with(scheme)),
            "database_url: must begin with sqlite:, postgres:// or mysql://",
        );
        expect(self.secret_key.is_empty() || !is_short(&self.secret_key), "secret_key: must be at least 32 bytes long");
        expect(
            !self.previous_secret_keys.iter().any(is_short),
            "previous_secret_keys: every one must be at least 32 bytes long",
        );
        expect(
            !self.secret_key.is_empty() || (self.is_embedded() && self.is_sandbox()),
            "secret_key: must be given with a server database or live WeChat (PASSPORT_SECRET_KEY or PASSPORT_SECRET_KEY_FILE)",
        );
        for (name, span) in [
            ("applet.token_ttl", self.applet.token_ttl),
            ("mall.token_ttl", self.mall.token_ttl),
            ("mall.limits.sms_code_ttl", self.mall.limits.sms_code_ttl),
            ("database.acquire_timeout", self.database.acquire_timeout),
            ("sweep.interval", self.sweep.interval),
        ] {
            expect(span.as_millis() >= 1_000, &format!("{name}: must be at least one second"));
        }
        expect(
            self.applet.session_ttl >= self.applet.token_ttl,
            "applet.session_ttl: must not be shorter than applet.token_ttl",
        );
        expect(
            !self.mall.hide_registration || self.sms.has_notices(),
            "mall.hide_registration: needs the templates already_registered and not_registered of the gateway",
        );
        expect(
            self.mall.session_ttl >= self.mall.token_ttl,
            "mall.session_ttl: must not be shorter than mall.token_ttl",
        );
        if self.is_sandbox() {
            let open = self.sandbox_open_to_everyone;
            for (name, address) in [("listen", self.listen), ("sandbox_listen", self.sandbox_listen)] {
                expect(
                    open || address.ip().is_loopback(),
                    &format!(
                        "{name}: {address} is not loopback, and anyone can log in through the sandbox: \
                         set wechat.mode = \"live\", or sandbox_open_to_everyone = true if that is meant"
                    ),
                );
            }
        } else {
            expect(
                !self.sandbox_open_to_everyone,
                "sandbox_open_to_everyone: the sandbox never runs when wechat.mode is \"live\"",
            );
        }
        if mistakes.is_empty() { Ok(()) } else { Err(Mistakes(mistakes)) }
    }
}

fn is_short(secret: &Secret) -> bool {
    secret.expose().len() < KeySettings::MIN_BYTES
}

fn defaults() -> Table {
    DEFAULTS.parse().expect("the embedded default file is TOML, as the tests see")
}

fn read_file(named: Option<PathBuf>) -> Result<Option<(String, Table)>, Mistakes> {
    let path = named.clone().unwrap_or_else(|| DEFAULT_FILE.into());
    let name = path.display().to_string();
    match fs::read_to_string(&path) {
        Ok(text) => {
            let table =
                text.parse().map_err(|error: toml::de::Error| format!("{name}: {}", one_line(&error.to_string())))?;
            Ok(Some((name, table)))
        }
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => Ok(None),
        Err(error) => Err(format!("{name}: cannot be read: {error}").into()),
    }
}

/// Puts what a file says over the defaults.
fn merge(settings: &mut Table, file: Table, above: &str) -> Result<(), String> {
    for (key, value) in file {
        let name = format!("{above}{key}");
        match (settings.get_mut(&key), value) {
            (None, _) => return Err(format!("{name} is no setting")),
            (Some(Value::Table(settings)), Value::Table(file)) => merge(settings, file, &format!("{name}."))?,
            (Some(Value::Table(_)), _) => return Err(format!("{name} must be a table")),
            (Some(setting), value) => *setting = value,
        }
    }
    Ok(())
}

/// Sets one setting from a text, read as what its default is.
fn set_from_environment(settings: &mut Table, key: &str, text: String) -> Result<(), String> {
    let defaults = defaults();
    let mut default = &defaults;
    let key = key.to_ascii_lowercase();
    let mut parts: Vec<&str> = key.split("__").collect();
    let last = parts.pop().unwrap_or_default();
    let mut table = settings;
    for part in parts {
        table = match table.get_mut(part) {
            Some(Value::Table(table)) => table,
            _ => return Err("there is no such setting".to_owned()),
        };
        default = default.get(part).and_then(Value::as_table).ok_or("there is no such setting")?;
    }
    let setting = match table.get_mut(last) {
        None | Some(Value::Table(_)) => return Err("there is no such setting".to_owned()),
        Some(setting) => setting,
    };
    // A file may have put anything there.
    *setting = match default.get(last).ok_or("there is no such setting")? {
        Value::Integer(_) => Value::Integer(text.trim().parse().map_err(|_| "must be a whole number")?),
        Value::Boolean(_) => Value::Boolean(text.trim().parse().map_err(|_| "must be true or false")?),
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
        }
        _ => Value::String(text),
    };
    Ok(())
}

/// An error of the TOML reader in one line, without the piece of the file that it quotes.
fn one_line(error: &str) -> String {
    let lines = error.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains('|'));
    lines.collect::<Vec<_>>().join(" ")
}

fn flatten(errors: &ValidationErrors, above: &str, mistakes: &mut Vec<String>) {
    // Sorted, so that the same mistakes give the same lines.
    for (field, kind) in errors.errors().iter().collect::<BTreeMap<_, _>>() {
        let name = format!("{above}{field}");
        match kind {
            ValidationErrorsKind::Struct(nested) => flatten(nested, &format!("{name}."), mistakes),
            ValidationErrorsKind::List(items) => {
                items.values().for_each(|nested| flatten(nested, &format!("{name}."), mistakes));
            }
            ValidationErrorsKind::Field(broken) => {
                let message = broken.iter().find_map(|error| error.message.as_deref()).unwrap_or("is out of range");
                // A rule about a whole table stands under a name of validator's own.
                let name = name.strip_suffix(".__all__").unwrap_or(&name);
                mistakes.push(format!("{name}: {message}"));
            }
        }
    }
}

/// The secret in the file; a new one when there is no file. The file is only ever seen whole, also when several
/// processes start at once.
fn stored_secret(path: &Path, random: &Random) -> std::io::Result<Secret> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        other => return Ok(Secret::new(other?.trim())),
    }
    let draft = path.with_extension(random.hex::<8>());
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(random.hex::<32>().as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(Secret::new(fs::read_to_string(path)?.trim())),
    }
}

#[cfg(test)]
mod tests;
