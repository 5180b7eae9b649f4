//! Proofs of identity: passwords and SMS codes, and how their hashes are made.

mod argon2id;
mod hashing;
mod new_credentials;
mod password;
mod sms_code;

pub use self::{
    hashing::PasswordSettings,
    new_credentials::NewCredentials,
    password::{NewPassword, PlainPassword},
    sms_code::SmsCode,
};
pub(super) use self::{
    hashing::{PasswordHashing, Verified},
    sms_code::SmsCodeKeys,
};
