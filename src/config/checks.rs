//! The checks of the settings that their types do not express.

use std::collections::BTreeMap;

use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use super::{errors::ConfigErrors, settings::Config};
use crate::{account::KeySettings, types::Secret};

const SERVER_SCHEMES: [&str; 3] = ["postgres://", "postgresql://", "mysql://"];

impl Config {
    pub(super) fn check(&self) -> Result<(), ConfigErrors> {
        let mut errors = Vec::new();
        if let Err(invalid) = self.validate() {
            flatten(&invalid, "", &mut errors);
        }
        let mut require = |holds: bool, error: &str| {
            if !holds {
                errors.push(error.to_owned());
            }
        };
        require(
            self.is_embedded() || SERVER_SCHEMES.iter().any(|scheme| self.database_url.expose().starts_with(scheme)),
            "database_url: must begin with sqlite:, postgres:// or mysql://",
        );
        require(
            self.secret_key.is_empty() || !is_short(&self.secret_key),
            "secret_key: must be at least 32 bytes long",
        );
        require(
            !self.previous_secret_keys.iter().any(is_short),
            "previous_secret_keys: every one must be at least 32 bytes long",
        );
        require(
            !self.secret_key.is_empty() || (self.is_embedded() && self.is_sandbox()),
            "secret_key: must be given with a server database or live WeChat (PASSPORT_SECRET_KEY or PASSPORT_SECRET_KEY_FILE)",
        );
        for (name, duration) in [
            ("applet.token_ttl", self.applet.token_ttl),
            ("mall.token_ttl", self.mall.token_ttl),
            ("mall.limits.sms_code_ttl", self.mall.limits.sms_code_ttl),
            ("database.acquire_timeout", self.database.acquire_timeout),
            ("sweep.interval", self.sweep.interval),
        ] {
            require(duration.as_millis() >= 1_000, &format!("{name}: must be at least one second"));
        }
        require(
            self.applet.session_ttl >= self.applet.token_ttl,
            "applet.session_ttl: must not be shorter than applet.token_ttl",
        );
        require(
            !self.mall.hide_registration || self.sms.has_notices(),
            "mall.hide_registration: needs the templates already_registered and not_registered of the gateway",
        );
        require(
            self.mall.session_ttl >= self.mall.token_ttl,
            "mall.session_ttl: must not be shorter than mall.token_ttl",
        );
        if self.is_sandbox() {
            for (name, address) in [("listen", self.listen), ("sandbox_listen", self.sandbox_listen)] {
                require(
                    self.sandbox_open_to_everyone || address.ip().is_loopback(),
                    &format!(
                        "{name}: {address} is not loopback, and anyone can log in through the sandbox: \
                         set wechat.mode = \"live\", or sandbox_open_to_everyone = true if that is meant"
                    ),
                );
            }
        } else {
            require(
                !self.sandbox_open_to_everyone,
                "sandbox_open_to_everyone: the sandbox never runs when wechat.mode is \"live\"",
            );
        }
        if errors.is_empty() { Ok(()) } else { Err(ConfigErrors(errors)) }
    }
}

pub(super) fn is_short(secret: &Secret) -> bool {
    secret.expose().len() < KeySettings::MIN_BYTES
}

/// Lists the errors with the whole names of their settings, sorted by name.
fn flatten(invalid: &ValidationErrors, prefix: &str, errors: &mut Vec<String>) {
    for (field, kind) in invalid.errors().iter().collect::<BTreeMap<_, _>>() {
        let name = format!("{prefix}{field}");
        match kind {
            ValidationErrorsKind::Struct(nested) => flatten(nested, &format!("{name}."), errors),
            ValidationErrorsKind::List(items) => {
                items.values().for_each(|nested| flatten(nested, &format!("{name}."), errors));
            }
            ValidationErrorsKind::Field(failed) => {
                let message = failed.iter().find_map(|error| error.message.as_deref()).unwrap_or("is out of range");
                // The name that validator gives to a rule about a whole table.
                let name = name.strip_suffix(".__all__").unwrap_or(&name);
                errors.push(format!("{name}: {message}"));
            }
        }
    }
}
