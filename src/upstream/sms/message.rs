use crate::types::Secret;

/// What a message says. The text is the template's, which the gateway stores.
#[derive(Clone)]
pub enum SmsMessage {
    /// The code for a registration.
    RegisterCode(Secret),
    /// The code for a new password.
    PasswordCode(Secret),
    /// A client tried to register a number that is already registered.
    AlreadyRegistered,
    /// A client asked for a new password for a number that is not registered.
    NotRegistered,
}

impl SmsMessage {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::RegisterCode(_) => "register",
            Self::PasswordCode(_) => "password",
            Self::AlreadyRegistered => "already_registered",
            Self::NotRegistered => "not_registered",
        }
    }

    pub(super) fn code(&self) -> Option<&Secret> {
        match self {
            Self::RegisterCode(code) | Self::PasswordCode(code) => Some(code),
            Self::AlreadyRegistered | Self::NotRegistered => None,
        }
    }
}
