use crate::{account::Settings, config::Config};

/// The settings of the account core, which are gathered from several parts of the configuration.
pub(super) fn account_settings(config: &Config) -> Settings {
    Settings {
        applet_tokens: config.applet.token_rules(),
        applet_code_failures: config.applet.code_failures.clone(),
        mall_tokens: config.mall.token_rules(),
        mall_extension_step: config.mall.extension_step,
        hide_registration: config.mall.hide_registration,
        limits: config.mall.limits.clone(),
        password: config.password.clone(),
        return_urls: config.wechat.official.return_urls.clone(),
    }
}
