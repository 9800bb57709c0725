//! The name that people call an account by.

use std::fmt;

use super::EmailAddress;
use crate::text::{InvalidText, printable};

/// A display name: 1 to 64 characters without control characters or surrounding white space (TradeReady,
/// "Register Account").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// The most characters that a name may have.
    pub const MAX_CHARS: usize = 64;

    /// Reads a name, dropping surrounding white space.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        printable(text, Self::MAX_CHARS).map(|name| Self(name.to_owned()))
    }

    /// The name of whoever gives none: what stands before the `@` of their address.
    pub fn of_address(address: &EmailAddress) -> Self {
        let (local, _) = address.as_typed().rsplit_once('@').unwrap_or((address.as_typed(), ""));
        let cut: String = local.chars().take(Self::MAX_CHARS).collect();
        Self::parse(&cut).unwrap_or_else(|_| Self("account".to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_64_characters() {
        assert_eq!(DisplayName::parse(" AlphaBot ").unwrap().as_str(), "AlphaBot");
        assert!(DisplayName::parse(&"ä".repeat(64)).is_ok());
        assert_eq!(DisplayName::parse(&"ä".repeat(65)), Err(InvalidText::TooLong { max_chars: 64 }));
        for nothing in ["", " \t", "\u{200d}", "\u{3000}\u{fe0f}"] {
            assert_eq!(DisplayName::parse(nothing), Err(InvalidText::Empty), "{nothing:?}");
        }
    }

    #[test]
    fn whoever_gives_no_name_has_that_of_their_address() {
        for (address, name) in [
            ("Alpha.Bot+tag@example.com", "Alpha.Bot+tag".to_owned()),
            (&format!("{}@example.com", "a".repeat(64)), "a".repeat(64)),
        ] {
            let address = EmailAddress::parse(address).unwrap();
            assert_eq!(DisplayName::of_address(&address).as_str(), name);
        }
    }

    #[test]
    fn threat_a7_a_name_holds_no_control_characters() {
        for text in ["a\nb", "a\u{0}b", "a\u{1b}[31mb", "a\u{85}b", "a\u{2028}b", "a\u{202e}b", "a\u{200b}b"]
        {
            assert_eq!(DisplayName::parse(text), Err(InvalidText::ControlCharacter), "{text:?}");
        }
    }
}
