use super::{password::NewPassword, sms_code::SmsCode};
use crate::types::Phone;

/// A password to be set, and what proves that the phone number is the person's own.
pub struct NewCredentials {
    pub phone: Phone,
    pub password: NewPassword,
    pub code: SmsCode,
}
