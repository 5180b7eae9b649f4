//! The table itself: one line for each room.

/// The libraries whose place is fixed; any other may be used anywhere.
pub(crate) const WATCHED: &[&str] = &["poem", "poem_openapi", "sea_orm", "sqlx", "entity", "migration", "reqwest"];

const ALL: &[&str] = &["*"];
const NONE: &[&str] = &[];
const WEB: &[&str] = &["poem", "poem_openapi"];
const DATABASE: &[&str] = &["sea_orm", "sqlx", "entity", "migration"];
const HTTP_CLIENT: &[&str] = &["reqwest"];
const PARTS: &[&str] =
    &["applet", "mall", "service", "http", "account", "storage", "upstream", "sandbox", "ops", "types"];

#[rustfmt::skip]
pub(crate) const TABLE: &[Room] = &[
    //         room        may import                                and use
    Room::new("applet",   &["account", "http", "types"],            WEB),
    Room::new("mall",     &["account", "http", "types"],            WEB),
    Room::new("service",  &["account", "http", "types"],            WEB).optional(),
    Room::new("http",     &["types"],                               WEB),
    Room::new("account",  &["storage", "upstream", "types"],        NONE),
    Room::new("storage",  &["types"],                               DATABASE),
    Room::new("upstream", &["types"],                               HTTP_CLIENT),
    Room::new("types",    NONE,                                     NONE),
    Room::new("sandbox",  &["types"],                               WEB),
    Room::new("ops",      &["account", "storage", "types"],         WEB),
    Room::new("config",   PARTS,                                    NONE).only_settings(),
    Room::new("app",      ALL,                                      ALL),
    Room::new("main",     ALL,                                      ALL),
    Room::new("lib",      ALL,                                      ALL),
];

/// A folder or file directly below `src/`.
pub(crate) struct Room {
    pub(crate) name: &'static str,
    /// The service need not have it yet.
    pub(crate) optional: bool,
    rooms: &'static [&'static str],
    libraries: &'static [&'static str],
    only_settings: bool,
}

impl Room {
    const fn new(name: &'static str, rooms: &'static [&'static str], libraries: &'static [&'static str]) -> Self {
        Self { name, optional: false, rooms, libraries, only_settings: false }
    }

    const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    const fn only_settings(self) -> Self {
        Self { only_settings: true, ..self }
    }

    pub(crate) fn may_import(&self, room: &str) -> bool {
        self.name == room || self.may_import_all() || self.rooms.contains(&room)
    }

    pub(crate) fn may_import_all(&self) -> bool {
        self.rooms == ALL
    }

    pub(crate) fn may_use(&self, library: &str) -> bool {
        self.libraries == ALL || self.libraries.contains(&library)
    }

    pub(crate) fn takes_only_settings_of(&self, room: &str) -> bool {
        self.only_settings && room != self.name && room != "types"
    }
}
