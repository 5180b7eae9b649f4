//! What any dialect needs from HTTP and what is no rule of the business.

mod body;
mod caller;
mod change;
mod credential;
mod door;
mod nullable;
mod number;
mod optional;
mod request_log;
mod rule_text;
mod text;

pub use self::{
    body::{Body, FormFields, MAX_BODY_BYTES},
    caller::{From, ProxySettings},
    change::Change,
    credential::{Bearer, TokenField},
    door::{Dialect, Door, EnvelopeCode, Stray, through_the_door},
    nullable::Nullable,
    number::{Number, Range},
    optional::Optional,
    request_log::{RequestLog, log_request},
    text::{Rule, Text},
};
