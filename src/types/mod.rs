//! Values that several parts of the service pass to each other.
//!
//! A leaf: nothing here knows a dialect, a table or an upstream.

mod client_ip;
mod clock;
pub mod duration;
mod ids;
mod mask;
mod oauth_state;
mod phone;
mod random;
mod secret;
mod sms_purpose;
mod token;

pub use client_ip::{ClientIp, Network};
pub use clock::{Clock, Timestamp};
pub use ids::{IdentityId, SessionId, TokenRowId, UserId};
pub use mask::{mask_openid, mask_phone};
pub use oauth_state::OauthState;
pub use phone::Phone;
pub use random::Random;
pub use secret::Secret;
pub use sms_purpose::SmsPurpose;
pub use token::{PlainToken, TokenId};
