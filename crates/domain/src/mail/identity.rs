//! Whom somebody means who has forgotten a password.

use crate::secret::Secret;
use crate::text::InvalidText;

/// What somebody typed to say which account is theirs: its e-mail address or its display name. Whether there is such
/// an account is not looked at before the mail is sent.
///
/// Security: it may be anything, a password in the wrong field too. It does not print and rests sealed.
#[derive(Debug, Clone)]
pub struct TypedIdentity(Secret<String>);

impl TypedIdentity {
    /// The most characters: as many as the longest e-mail address that is read.
    pub const MAX_CHARS: usize = 1_016;

    /// Takes what was typed, without surrounding white space.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let trimmed = text.trim();
        match trimmed.chars().count() {
            0 => Err(InvalidText::Empty),
            count if count > Self::MAX_CHARS => Err(InvalidText::TooLong { max_chars: Self::MAX_CHARS }),
            _ => Ok(Self(Secret::new(trimmed.to_owned()))),
        }
    }

    /// The text, for sealing.
    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_has_something_and_not_too_much() {
        assert_eq!(TypedIdentity::parse(" Alpha Bot\n").unwrap().expose(), "Alpha Bot");
        assert_eq!(TypedIdentity::parse(" \t").unwrap_err(), InvalidText::Empty);
        assert!(TypedIdentity::parse(&"ä".repeat(1_016)).is_ok());
        assert!(TypedIdentity::parse(&"ä".repeat(1_017)).is_err());
    }

    #[test]
    fn threat_k1_an_identity_does_not_print() {
        assert!(!format!("{:?}", TypedIdentity::parse("alpha@example.com").unwrap()).contains("alpha"));
    }
}
