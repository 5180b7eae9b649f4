//! The ids of rows: a type for each table, so that ids of different tables cannot be confused.

/// Declares an id type around the integer primary key of a table.
macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name(i64);

        impl $name {
            pub const fn new(id: i64) -> Self {
                Self(id)
            }

            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

row_id! {
    /// A user.
    UserId
}
row_id! {
    /// An identity of a user at a provider.
    IdentityId
}
row_id! {
    /// A session: one login and all tokens that come from it.
    SessionId
}
row_id! {
    /// The row of a token; [`super::TokenId`] is the name under which a client's token finds it.
    TokenRowId
}
