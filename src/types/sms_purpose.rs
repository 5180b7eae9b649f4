/// What an SMS code is for.
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
