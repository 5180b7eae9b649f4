use crate::storage;

/// Why something could not be done. It has no words: each dialect finds its own for every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The token is not ours, ended, expired or replaced.
    TokenInvalid,
    UserDisabled,
    /// The token is good, but its user was deleted.
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
            // A conflict that is not resolved where it arose is one that goes on after several tries.
            storage::Error::Conflict => {
                tracing::error!("transactions keep getting in each other's way");
                Self::Unavailable
            }
            storage::Error::Internal(_) => {
                tracing::error!(error = error.to_string(), "a query failed");
                Self::Internal
            }
        }
    }
}
