//! Checks that the settings of several upstreams share.

use std::{borrow::Cow, time::Duration};

use url::Url;
use validator::ValidationError;

use super::http;

pub(super) fn check_api_base(api_base: &str) -> Result<(), ValidationError> {
    let is_valid = api_base.is_empty() || Url::parse(api_base).is_ok_and(|url| http::is_base(&url));
    require(is_valid, "must be empty or http(s)://host[:port][/path]")
}

pub(super) fn check_deadline(deadline: &Duration) -> Result<(), ValidationError> {
    let range = Duration::from_secs(1)..=Duration::from_secs(60);
    require(range.contains(deadline), "must be between 1s and 60s")
}

pub(super) fn check_connect_timeout(timeout: &Duration) -> Result<(), ValidationError> {
    let range = Duration::from_millis(100)..=Duration::from_secs(60);
    require(range.contains(timeout), "must be between 100ms and 60s")
}

/// `message` is what the setting must be, or has to be given with.
pub(super) fn require(is_valid: bool, message: &'static str) -> Result<(), ValidationError> {
    match is_valid {
        true => Ok(()),
        false => Err(ValidationError::new("invalid").with_message(Cow::Borrowed(message))),
    }
}
