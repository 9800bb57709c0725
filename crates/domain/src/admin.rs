//! Admins: who run the server, each known by the name of their admin key.

use std::fmt;

/// The name of an admin key, and so of whoever holds it: what the audit trail calls them.
///
/// 1 to 32 characters of `a-z`, `0-9`, `_` and `-`, beginning with a letter or a digit: it is a file's name too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AdminName(String);

/// The text is no admin's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no name of an admin key: 1 to 32 of a-z, 0-9, _ and -, beginning with a letter or a digit")]
pub struct InvalidAdminName;

impl AdminName {
    /// The most characters that a name may have.
    pub const MAX_CHARS: usize = 32;

    /// The holder of the one key that every deployment has.
    pub fn first() -> Self {
        Self("admin".to_owned())
    }

    /// Reads a name as it is spelled.
    pub fn parse(text: &str) -> Result<Self, InvalidAdminName> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let begins_plainly = text.bytes().next().is_some_and(is_plain);
        let is_known = text.bytes().all(|byte| is_plain(byte) || matches!(byte, b'_' | b'-'));
        if begins_plainly && is_known && text.len() <= Self::MAX_CHARS {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidAdminName)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AdminName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Port: who shows an admin key. No waiting, no look-up: the keys are in memory.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait AdminAuthenticator: Send + Sync {
    /// The admin whose key this text is, if it is one.
    ///
    /// Security: takes the same time wherever a text differs from a key, and whichever key it is.
    fn authenticate(&self, text: &str) -> Option<AdminName>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        for good in ["admin", "a", "0", "jane-doe_2", &"x".repeat(32)] {
            assert_eq!(AdminName::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "-a", "_a", "Admin", "a b", "a.b", "ä", "a\n", "../a", &"x".repeat(33)] {
            assert_eq!(AdminName::parse(bad), Err(InvalidAdminName), "{bad:?}");
        }
    }

    #[test]
    fn the_first_admin_has_a_good_name() {
        assert_eq!(AdminName::parse("admin"), Ok(AdminName::first()));
    }
}
