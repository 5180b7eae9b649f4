use std::{net::SocketAddr, path::PathBuf};

use serde::Deserialize;
use validator::Validate;

use crate::{
    account::{CleanupSettings, PasswordSettings},
    applet::Settings as AppletSettings,
    http::{CorsSettings, ProxySettings},
    mall::Settings as MallSettings,
    ops::LogSettings,
    storage::Settings as DatabaseSettings,
    types::Secret,
    upstream::{sms::Settings as SmsSettings, wechat::Settings as WechatSettings},
};

/// Every setting, as `passport.example.toml` documents it.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub listen: SocketAddr,
    pub(super) database_url: Secret,
    pub data_dir: PathBuf,
    pub sandbox_listen: SocketAddr,
    pub sandbox_open_to_everyone: bool,
    pub(super) secret_key: Secret,
    pub(super) secret_key_file: String,
    pub(super) previous_secret_keys: Vec<Secret>,
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
    pub sweep: CleanupSettings,
    #[validate(nested)]
    pub log: LogSettings,
}

impl Config {
    /// The URL of the database, which may hold a password; `None` for the embedded one in the data folder.
    pub fn database_url(&self) -> Option<&Secret> {
        Some(&self.database_url).filter(|url| !url.is_empty())
    }

    pub fn is_sandbox(&self) -> bool {
        self.wechat.is_sandbox()
    }

    /// Whether the database is a SQLite file.
    pub(super) fn is_embedded(&self) -> bool {
        let url = self.database_url.expose();
        url.is_empty() || url.starts_with("sqlite:")
    }
}
