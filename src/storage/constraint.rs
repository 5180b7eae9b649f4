use sea_orm::sqlx::error::DatabaseError;

/// A unique constraint of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    UserPhone,
    UserUnionid,
    UserUsername,
    Identity,
    /// Any other: those of tables in which every taken value is a lost race.
    Other,
}

impl Constraint {
    /// The constraint that an insert or update broke.
    pub(super) fn broken_by(error: &dyn DatabaseError) -> Self {
        match error.constraint() {
            Some(name) => Self::named(name),
            None => Self::named(name_in(error.message())),
        }
    }

    /// PostgreSQL gives the name of the constraint; SQLite the columns with their table; MariaDB the name of the key,
    /// which is that of its column unless the schema names it, and MySQL puts the table before it.
    fn named(name: &str) -> Self {
        match name {
            "users_phone_key" | "users.phone" | "phone" => Self::UserPhone,
            "users_unionid_key" | "users.unionid" | "unionid" => Self::UserUnionid,
            "uq_users_username" | "users.username" | "users.uq_users_username" => Self::UserUsername,
            "uq_identities_subject" | "identities.uq_identities_subject" => Self::Identity,
            name if name.starts_with("identities.provider") => Self::Identity,
            _ => Self::Other,
        }
    }
}

/// The name at the end of SQLite's and MySQL's messages. What stands before it may be a value of a user.
fn name_in(message: &str) -> &str {
    let name = message.rsplit_once("for key '").or_else(|| message.rsplit_once("failed: "));
    name.map_or("", |(_, name)| name.trim_end_matches('\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_names_a_constraint_in_its_own_way() {
        for (message, constraint) in [
            ("UNIQUE constraint failed: users.phone", Constraint::UserPhone),
            ("UNIQUE constraint failed: identities.provider, identities.app", Constraint::Identity),
            ("Duplicate entry '13800138000' for key 'phone'", Constraint::UserPhone),
            ("Duplicate entry '13800138000' for key 'users.phone'", Constraint::UserPhone),
            ("Duplicate entry 'for key 'phone'' for key 'uq_users_username'", Constraint::UserUsername),
            ("Duplicate entry '1' for key 'subject'", Constraint::Other),
            ("anything else", Constraint::Other),
        ] {
            assert_eq!(Constraint::named(name_in(message)), constraint, "{message}");
        }
    }
}
