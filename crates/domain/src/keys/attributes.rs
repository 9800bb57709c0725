//! What a key's owner says of it, and what they may ask for.

use std::fmt;
use std::time::Duration;

use super::{ForeignKey, KeyPrefix, KeySummary};
use crate::environment::Environment;
use crate::scope::{Scope, Scopes};
use crate::text::{InvalidText, printable};
use crate::text_enum;

/// What a key's owner calls it: at most 64 characters in one line, and none at all is a label too (TruCore,
/// "Create a Key").
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct KeyLabel(Box<str>);

impl KeyLabel {
    /// The most characters that a label may have.
    pub const MAX_CHARS: usize = 64;

    /// Reads a label, dropping surrounding white space.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        match printable(text, Self::MAX_CHARS) {
            Ok(label) => Ok(Self(label.into())),
            Err(InvalidText::Empty) if text.trim().is_empty() => Ok(Self::default()),
            Err(why) => Err(why),
        }
    }

    /// The label.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_enum! {
    /// What a key's owner uses it for. Keyward decides nothing by it but what a narrowed key cannot do without.
    pub enum KeyPurpose {
        /// Nothing in particular.
        General = "general",
        /// A program that calls the platform's API.
        Api = "api",
        /// A bot.
        Bot = "bot",
        /// A client that speaks MCP.
        Mcp = "mcp",
    }
}

impl KeyPurpose {
    /// What a key for this has that is to have these scopes: one for MCP that is narrowed has the scope that MCP needs,
    /// named or not (TruCore, "Create a Key").
    pub const fn scopes(self, chosen: Scopes) -> Scopes {
        match self {
            Self::Mcp => chosen.with(Scope::AtfMcp),
            Self::General | Self::Api | Self::Bot => chosen,
        }
    }
}

/// What the keys of a surface begin with, in either world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPrefixes {
    /// Those of live keys.
    pub live: KeyPrefix,
    /// Those of sandbox keys.
    pub sandbox: KeyPrefix,
}

impl KeyPrefixes {
    /// That of a world's keys.
    pub const fn of(&self, environment: Environment) -> &KeyPrefix {
        match environment {
            Environment::Live => &self.live,
            Environment::Sandbox => &self.sandbox,
        }
    }
}

/// What a key begins with that takes another's place.
#[derive(Debug, Clone, Copy)]
pub enum SuccessorPrefix<'a> {
    /// What keys of the surface that rotates begin with: a dialect's key is named after the dialect that issued it.
    OfSurface(&'a KeyPrefixes),
    /// What the old one begins with: a surface that is no dialect leaves a key to the programs that know it. Keys of other
    /// systems begin with nothing of ours, and get these.
    Kept {
        /// What the successors of keys of other systems begin with.
        or: &'a KeyPrefixes,
    },
}

impl<'a> SuccessorPrefix<'a> {
    /// That of this key's successor.
    pub(super) fn of(self, old: &'a KeySummary) -> &'a KeyPrefix {
        match self {
            Self::Kept { .. } if old.prefix != ForeignKey::prefix() => &old.prefix,
            Self::OfSurface(prefixes) | Self::Kept { or: prefixes } => prefixes.of(old.environment),
        }
    }
}

/// For how long a key that is rotated stays good beside its successor: not at all, up to a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Grace(Duration);

/// It is longer than a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a number of seconds from 0 to {}", Grace::MAX_SECONDS)]
pub struct GraceTooLong;

impl Grace {
    /// The old key is dead at once.
    pub const NONE: Self = Self(Duration::ZERO);
    /// A day.
    pub const MAX_SECONDS: u64 = 24 * 60 * 60;

    /// So many seconds.
    pub const fn from_seconds(seconds: u64) -> Result<Self, GraceTooLong> {
        if seconds <= Self::MAX_SECONDS { Ok(Self(Duration::from_secs(seconds))) } else { Err(GraceTooLong) }
    }

    /// As a duration; `None` if the old key is dead at once.
    pub const fn duration(self) -> Option<Duration> {
        if self.0.is_zero() { None } else { Some(self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AccountId, KeyId};
    use crate::keys::KeyState;
    use crate::time::Instant;

    #[test]
    fn a_label_has_up_to_64_characters() {
        assert_eq!(KeyLabel::parse(" production-bot-v2 ").unwrap().as_str(), "production-bot-v2");
        assert_eq!(KeyLabel::parse(" \t").unwrap(), KeyLabel::default());
        assert!(KeyLabel::parse(&"ä".repeat(64)).is_ok());
        assert_eq!(KeyLabel::parse(&"ä".repeat(65)), Err(InvalidText::TooLong { max_chars: 64 }));
    }

    #[test]
    fn threat_a7_a_label_holds_nothing_that_forges_or_hides_text() {
        for text in ["a\nb", "a\u{0}b", "a\u{1b}[31mb", "a\u{202e}b", "\u{200d}"] {
            assert!(KeyLabel::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_successor_of_another_system_s_key_begins_as_one_of_ours() {
        let prefix = KeyPrefix::from_static;
        let surface = KeyPrefixes { live: prefix("kw_live_"), sandbox: prefix("kw_test_") };
        let old = |prefix| KeySummary {
            id: KeyId::from_uuid(uuid::Uuid::nil()),
            prefix,
            preview: String::new(),
            account: AccountId::from_uuid(uuid::Uuid::nil()),
            agent: None,
            logs_in: false,
            environment: Environment::Live,
            state: KeyState::Active,
            label: KeyLabel::default(),
            scopes: Scopes::ALL,
            purpose: KeyPurpose::General,
            expires_at: None,
            created_at: Instant::from_unix_micros(0).unwrap(),
            last_used_at: None,
        };
        let kept = SuccessorPrefix::Kept { or: &surface };
        assert_eq!(kept.of(&old(prefix("ak_live_"))).as_str(), "ak_live_");
        assert_eq!(kept.of(&old(ForeignKey::prefix())).as_str(), "kw_live_");
    }

    #[test]
    fn a_grace_is_a_day_at_most() {
        assert_eq!(Grace::from_seconds(0), Ok(Grace::NONE));
        assert_eq!(Grace::from_seconds(86_400).unwrap().duration(), Some(Duration::from_secs(86_400)));
        assert_eq!(Grace::from_seconds(86_401), Err(GraceTooLong));
    }
}
