//! What is measured: each row with what it is held against, and what is aimed at.

use super::exchange;

/// What a row is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Yardstick {
    /// A web server that does nothing.
    BareServer,
    /// Hashing passwords and nothing else.
    Hashing,
    /// Signing and nothing else.
    Signing,
    /// Verifying signatures and nothing else.
    Verifying,
    /// One small durable row for each of as many clients.
    Commits,
}

/// A load on Keyward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Load {
    KeyWarm,
    KeyCold,
    TokenWarm,
    TokenCold,
    Login,
    PasswordLogin,
    Register,
    Signup,
    KeyCreate,
    Exchange,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) load: Load,
    pub(super) against: Yardstick,
    /// The least ratio that is aimed at.
    pub(super) target: Option<f64>,
}

/// All that is driven by a load tool.
pub(super) const ROWS: &[Row] = &[
    Row {
        name: "key-warm",
        what: "key checked, remembered",
        load: Load::KeyWarm,
        against: Yardstick::BareServer,
        target: Some(0.65),
    },
    Row {
        name: "token-warm",
        what: "token checked, remembered",
        load: Load::TokenWarm,
        against: Yardstick::BareServer,
        target: Some(0.55),
    },
    Row {
        name: "key-cold",
        what: "key checked, read from the database",
        load: Load::KeyCold,
        against: Yardstick::BareServer,
        target: None,
    },
    Row {
        name: "token-cold",
        what: "token checked, verified and read",
        load: Load::TokenCold,
        against: Yardstick::Verifying,
        target: None,
    },
    Row {
        name: "login",
        what: "key exchanged for a token",
        load: Load::Login,
        against: Yardstick::Signing,
        target: None,
    },
    Row {
        name: "user-login",
        what: "login with a password",
        load: Load::PasswordLogin,
        against: Yardstick::Hashing,
        target: Some(0.95),
    },
    Row {
        name: "register",
        what: "account, agent and two keys made, 64 clients, without a password",
        load: Load::Register,
        against: Yardstick::Commits,
        target: Some(0.5),
    },
    Row {
        name: "key-create",
        what: "key made for one of 16,000 accounts, 64 clients",
        load: Load::KeyCreate,
        against: Yardstick::Commits,
        target: None,
    },
    Row {
        name: "signup",
        what: "account made with a password, its key and a token",
        load: Load::Signup,
        against: Yardstick::Hashing,
        target: None,
    },
];

/// Rows that are measured in another way.
pub(super) const START: &str = "start";
/// Checks while logins wait.
pub(super) const WAITING: &str = "waiting";

/// All names that may be asked for.
pub(super) fn names() -> Vec<&'static str> {
    let exchanges = exchange::ROWS.iter().map(|row| row.name);
    ROWS.iter().map(|row| row.name).chain(exchanges).chain([START, WAITING]).collect()
}

/// Whether there is such a row.
pub(super) fn is_known(name: &str) -> bool {
    names().contains(&name)
}

impl Yardstick {
    /// All of them, in the order in which they are gone through.
    pub(super) const ALL: [Self; 5] =
        [Self::BareServer, Self::Verifying, Self::Signing, Self::Hashing, Self::Commits];

    /// What the table calls it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::BareServer => "bare actix",
            Self::Hashing => "raw argon2id",
            Self::Signing => "raw Ed25519 signing",
            Self::Verifying => "raw Ed25519 verifying",
            Self::Commits => "raw durable commits",
        }
    }
}
