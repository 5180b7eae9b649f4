use crate::{account::Settings, config::Config};

/// The settings of the account core, which are gathered from several parts of the configuration.
pub(super) fn account_settings(config: &Config) -> Settings {
    Settings {
        code_failures: config.applet.code_failures.clone(),
        // Only the applet's tokens are refreshed.
        token_retention: config.applet.refresh_window,
        hide_registration: config.mall.hide_registration,
        limits: config.mall.limits.clone(),
        password: config.password.clone(),
        return_urls: config.wechat.official.return_urls.clone(),
    }
}
