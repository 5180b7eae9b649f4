/// What an SMS code is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsPurpose {
    Register,
    Password,
}

impl SmsPurpose {
    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Password => "password",
        }
    }
}
