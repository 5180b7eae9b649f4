//! Field types. The schema in the spec and the validation of requests come from the same declaration.

mod field;
mod meta;
mod nullable;
mod number;
mod string_enum;
mod text;
mod token;

pub use self::{
    field::{Field, Kind},
    meta::{inline, json_response_meta},
    nullable::Nullable,
    number::{Number, NumberRule},
    string_enum::{OneOf, StringEnum},
    text::{Parsed, ParsedText, Pattern, Text, TextRule, VISIBLE_ASCII, pattern},
    token::{Token, TokenRule},
};
