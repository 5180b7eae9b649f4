use crate::storage::{self, Aborted};

/// Why something could not be done. It has no messages: each surface has its own for every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The token is not ours, ended, expired or replaced.
    TokenInvalid,
    UserDisabled,
    /// The token is valid, but its user was deleted.
    UserGone,
    /// WeChat does not know the login code, or it was used.
    LoginCodeInvalid,
    /// WeChat refuses the person as risky.
    LoginBlocked,
    /// WeChat could not be asked for the login, or gave no usable answer.
    LoginUnavailable,
    /// WeChat does not know the phone code, it was used, or it is another person's.
    PhoneCodeInvalid,
    /// WeChat could not be asked for the phone number, or gave no usable answer.
    PhoneUnavailable,
    /// The phone number belongs to another user.
    PhoneTaken,
    /// Too many failures from one address; seconds until the next try.
    TooManyFailures {
        retry_after: u64,
    },
    /// Too many SMS codes for the number, or calls from the address; seconds until the next try.
    TooManySms {
        retry_after: u64,
    },
    /// Too many wrong passwords; seconds until the next try.
    TooManyPasswords {
        retry_after: u64,
    },
    /// The number is registered already.
    PhoneRegistered,
    /// The number is not registered.
    PhoneUnknown,
    /// The SMS code is wrong, used up, expired or meant for something else.
    SmsCodeInvalid,
    /// The gateway says that the number got too many messages.
    SmsThrottled,
    /// The gateway sent nothing.
    SmsUnavailable,
    /// The gateway may have sent the message.
    SmsUncertain,
    /// The name or the password is wrong.
    PasswordWrong,
    /// The password is one of the most common ones.
    PasswordCommon,
    /// The official account is not set up.
    OfficialMissing,
    /// The return address is not in the list.
    ReturnAddressUnknown,
    /// The `state` was not issued here, not to this browser, was used, or expired.
    StateInvalid,
    /// WeChat shows a snapshot of the page to this visitor, who is not logged in to WeChat.
    SnapshotUser,
    /// More work is waiting than can be done soon.
    Overloaded,
    /// The database cannot be reached.
    Unavailable,
    /// A fault of this service.
    Internal,
}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::Unavailable(_) => {
                tracing::error!(error = error.to_string(), "the database is unavailable");
                Self::Unavailable
            }
            // Each comes here only after as many tries as a write has.
            storage::Error::Taken(_) | storage::Error::ReferenceGone | storage::Error::Contended => {
                tracing::error!(error = error.to_string(), "a write was given up");
                Self::Unavailable
            }
            storage::Error::Internal(_) | storage::Error::Newer(_) => {
                tracing::error!(error = error.to_string(), "a query failed");
                Self::Internal
            }
        }
    }
}

impl From<Error> for Aborted<Error> {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<Aborted<Error>> for Error {
    fn from(aborted: Aborted<Error>) -> Self {
        match aborted {
            Aborted::Storage(error) => error.into(),
            Aborted::Refused(error) => error,
        }
    }
}
