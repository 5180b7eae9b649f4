//! What any dialect needs from HTTP and what is no rule of the business.

mod body;
mod caller;
mod change;
mod choice;
mod cors;
mod credential;
mod documented;
mod door;
#[cfg(test)]
pub(crate) mod failure_table;
mod judged;
mod mobile;
mod nullable;
mod number;
mod optional;
mod raw_value;
mod request_log;
mod rule_text;
mod text;

pub use self::{
    body::{Body, BodyFields, MAX_BODY_BYTES},
    caller::{From, ProxySettings},
    change::Change,
    choice::{Choice, Choices},
    cors::{CorsSettings, across_origins},
    credential::{Bearer, TokenField, TokenText},
    documented::documented,
    door::{Dialect, Door, EnvelopeCode, Stray, dress, through_the_door},
    judged::Judged,
    mobile::Mobile,
    nullable::Nullable,
    number::{Number, Range},
    optional::Optional,
    request_log::{RequestLog, log_request},
    text::{Rule, Text},
};
pub(crate) use self::{raw_value::whole_value, text::pattern};
