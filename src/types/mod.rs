//! Values that several parts of the service pass to each other.
//!
//! A leaf: nothing here knows a dialect, a table or an upstream.

mod caller;
mod clock;
pub mod duration;
mod mask;
mod phone;
mod random;
mod secret;
mod token;

pub use caller::Caller;
pub use clock::{Clock, Timestamp};
pub use mask::{mask_openid, mask_phone};
pub use phone::Phone;
pub use random::Random;
pub use secret::Secret;
pub use token::TokenId;
