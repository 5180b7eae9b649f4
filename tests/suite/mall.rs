//! The mall dialect.

mod cors;
mod input;
mod logout;
mod passwords;
mod profile;
mod referral;
mod registration;
mod sms;
mod sms_faults;
mod tokens;
mod wechat;
mod wrong_tries;

/// Numbers of people.
const ANNA: &str = "18026740326";
const BERTA: &str = "13800138000";
