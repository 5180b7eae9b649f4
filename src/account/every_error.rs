use super::Error;

impl Error {
    /// Every case, for the dialects' tables of messages.
    #[rustfmt::skip]
    pub(crate) fn every() -> Vec<Self> {
        every_case![Error:
            TokenInvalid, UserDisabled, UserGone,
            LoginCodeInvalid, LoginBlocked, LoginUnavailable,
            PhoneCodeInvalid, PhoneUnavailable, PhoneTaken, PhoneRegistered, PhoneUnknown,
            TooManyFailures { retry_after: 50 }, TooManySms { retry_after: 900 }, TooManyPasswords { retry_after: 7_200 },
            SmsCodeInvalid, SmsThrottled, SmsUnavailable, SmsUncertain,
            PasswordWrong, PasswordCommon,
            OfficialMissing, ReturnAddressUnknown, StateInvalid, SnapshotUser,
            Overloaded, Unavailable, Internal,
        ]
    }
}
