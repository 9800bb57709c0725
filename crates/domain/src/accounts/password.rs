//! Passwords: as typed, as chosen, as stored; and the port that hashes them.

use std::fmt;

use async_trait::async_trait;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::sorted_lines::SortedLines;

/// Those among the 100,000 commonest passwords that have at least eight characters, in NFKC, lower-case.
const COMMON: SortedLines = SortedLines::new(include_str!("common_passwords.txt"));

/// A password as somebody typed it, normalised to NFKC (NIST SP 800-63B, section 3.1.1.2) so that every
/// keyboard's spelling of it is the same. The text as it was typed is kept beside it where it is another one: hashes of
/// other systems may be of that.
#[derive(Debug, Clone)]
pub struct Password {
    normalised: Secret<String>,
    typed: Option<Secret<String>>,
}

/// The text cannot be anybody's password: it is empty or longer than 1,024 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is empty or longer than 1024 bytes")]
pub struct NotAPassword;

impl Password {
    /// The longest text that is hashed at all. Security: the bound stands before the hashing.
    pub const MAX_BYTES: usize = 1_024;
    /// By how much NFKC can grow a text (U+FDFA, from 3 bytes to 33): room for that leaves no copy behind.
    const MAX_GROWTH: usize = 11;

    /// Takes what was typed.
    pub fn parse(text: &str) -> Result<Self, NotAPassword> {
        if text.is_empty() || text.len() > Self::MAX_BYTES {
            return Err(NotAPassword);
        }
        let mut normalised = Zeroizing::new(String::with_capacity(Self::MAX_GROWTH * text.len()));
        normalised.extend(text.nfkc());
        if normalised.len() > Self::MAX_BYTES {
            return Err(NotAPassword);
        }
        let typed = (*normalised != text).then(|| Secret::new(text.to_owned()));
        Ok(Self { normalised: Secret::new(std::mem::take(&mut normalised)), typed })
    }

    /// What a hasher reads.
    pub fn expose(&self) -> &str {
        self.normalised.expose()
    }

    /// What is compared with a hash that another system made: most of them do not normalise.
    pub fn expose_typed(&self) -> &str {
        self.typed.as_ref().unwrap_or(&self.normalised).expose()
    }
}

/// A password that somebody may choose: 8 to 128 characters, not one of the commonest, not their own name
/// or address.
#[derive(Debug, Clone)]
pub struct NewPassword(Password);

/// Why a password may not be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// It has fewer than 8 characters.
    #[error("has fewer than 8 characters")]
    TooShort,
    /// It has more than 128 characters, or more than 1,024 bytes.
    #[error("has more than 128 characters")]
    TooLong,
    /// It is among those that are tried first, or repeats what is known of the person.
    #[error("is too easily guessed")]
    Guessable,
}

impl NewPassword {
    /// The fewest characters of a password.
    pub const MIN_CHARS: usize = 8;
    /// The most characters of a password.
    pub const MAX_CHARS: usize = 128;

    /// Takes a chosen password. `known` is what is publicly known of its owner: name, e-mail address.
    pub fn parse(text: &str, known: &[&str]) -> Result<Self, WeakPassword> {
        if text.chars().count() < Self::MIN_CHARS {
            return Err(WeakPassword::TooShort);
        }
        let password = Password::parse(text).map_err(|NotAPassword| WeakPassword::TooLong)?;
        match password.expose().chars().count() {
            count if count < Self::MIN_CHARS => return Err(WeakPassword::TooShort),
            count if count > Self::MAX_CHARS => return Err(WeakPassword::TooLong),
            _ => {}
        }
        if is_guessable(password.expose(), known) {
            return Err(WeakPassword::Guessable);
        }
        Ok(Self(password))
    }

    /// What a hasher reads.
    pub const fn as_password(&self) -> &Password {
        &self.0
    }
}

fn is_guessable(password: &str, known: &[&str]) -> bool {
    let lowered = Zeroizing::new(password.to_lowercase());
    let is_known = |fact: &&str| {
        let fact = fact.trim().to_lowercase();
        let local_part = fact.split_once('@').map(|(local, _)| local);
        fact == *lowered || local_part == Some(lowered.as_str())
    };
    COMMON.contains(&lowered) || known.iter().any(is_known)
}

/// A password as it is stored: a PHC string (argon2) or a modular crypt string (bcrypt).
#[derive(Clone)]
pub struct PasswordHash(Secret<String>);

impl PasswordHash {
    /// Takes what a hasher made or a store kept.
    pub fn new(text: String) -> Self {
        Self(Secret::new(text))
    }

    /// The stored text.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// What comparing a typed password with a stored hash found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordVerdict {
    /// It is the password.
    Match,
    /// It is the password, but stored in a way that new passwords no longer are: hash it again.
    MatchOutdated,
    /// It is another password, or there is none.
    Mismatch,
}

/// The password could not be hashed or compared. Says nothing about whether it was right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too many are waiting. Worth trying again shortly.
    #[error("too many passwords are waiting to be hashed")]
    Busy,
    /// The stored text is no hash that this program knows, or costs more than it will pay.
    #[error("a stored password hash is unreadable: {0}")]
    Unreadable(String),
}

/// A hash could never be compared with: it is of no known scheme, is broken, or costs more than will be paid. Says what
/// it is; never the hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnusableHash(pub &'static str);

/// Port: hashes passwords, slowly.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a chosen password under a fresh salt.
    async fn hash(&self, password: &NewPassword) -> Result<PasswordHash, PasswordError>;

    /// Hashes once more a password that [`verify`](Self::verify) found outdated.
    async fn rehash(&self, password: &Password) -> Result<PasswordHash, PasswordError>;

    /// Whether a hash that another system made can be [verified](Self::verify). Hashes nothing.
    fn check(&self, foreign: &PasswordHash) -> Result<(), UnusableHash>;

    /// Hears of hashes that are stored. From now on every comparison takes as long as one with the dearest of all that it
    /// has heard of, so that its time does not tell where an account came from.
    async fn expect(&self, stored: &[PasswordHash]);

    /// Compares what was typed with what is stored.
    ///
    /// Security: `None` costs one hash of the current scheme, like a mismatch, and is a mismatch, so that an
    /// account without a password, or no account, takes as long as a wrong password.
    async fn verify<'a>(
        &self,
        password: &Password,
        stored: Option<&'a PasswordHash>,
    ) -> Result<PasswordVerdict, PasswordError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_8_to_128_characters_of_any_script() {
        assert_eq!(NewPassword::parse("1a3b5c7", &[]).unwrap_err(), WeakPassword::TooShort);
        assert!(NewPassword::parse("1a3b5c7d", &[]).is_ok());
        assert!(NewPassword::parse(&"密".repeat(128), &[]).is_ok());
        assert_eq!(NewPassword::parse(&"密".repeat(129), &[]).unwrap_err(), WeakPassword::TooLong);
        assert_eq!(NewPassword::parse(&"p".repeat(100_000), &[]).unwrap_err(), WeakPassword::TooLong);
    }

    #[test]
    fn a_password_that_normalises_to_fewer_characters_is_too_short() {
        let eight_typed = "e\u{301}e\u{301}e\u{301}e\u{301}";
        assert_eq!(NewPassword::parse(eight_typed, &[]).unwrap_err(), WeakPassword::TooShort);
    }

    #[test]
    fn the_same_password_from_another_keyboard_is_the_same() {
        let (composed, decomposed) = (Password::parse("pässwörd"), Password::parse("pa\u{308}sswo\u{308}rd"));
        let (composed, decomposed) = (composed.unwrap(), decomposed.unwrap());
        assert_eq!(composed.expose(), decomposed.expose());
        assert_eq!(
            (composed.expose_typed(), decomposed.expose_typed()),
            ("pässwörd", "pa\u{308}sswo\u{308}rd")
        );
    }

    #[test]
    fn threat_g2_what_is_tried_first_is_refused() {
        let known = ["AlphaBot99", "alpha.the.bot@example.com"];
        for text in
            ["password", "PASSWORD", "12345678", "alphabot99", "Alpha.The.Bot", "alpha.the.bot@example.com"]
        {
            assert_eq!(NewPassword::parse(text, &known).unwrap_err(), WeakPassword::Guessable, "{text}");
        }
        assert!(NewPassword::parse("my-secure-password", &known).is_ok());
    }

    #[test]
    fn threat_g2_none_of_the_commonest_passwords_can_be_chosen() {
        assert!(COMMON.is_sorted());
        assert!(COMMON.iter().count() > 40_000);
        for common in COMMON.iter() {
            assert!(
                common.chars().count() >= NewPassword::MIN_CHARS,
                "{common} can be chosen by nobody anyway"
            );
            for typed in [common.to_owned(), common.to_uppercase()] {
                // Some letters have no upper case that comes back as they were.
                if typed.to_lowercase() == common {
                    assert_eq!(
                        NewPassword::parse(&typed, &[]).unwrap_err(),
                        WeakPassword::Guessable,
                        "{typed}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_password_that_merely_contains_a_common_one_can_be_chosen() {
        for text in ["password of nobody else", "xpasswordx9", "12345678 and then some"] {
            assert!(NewPassword::parse(text, &[]).is_ok(), "{text}");
        }
    }

    #[test]
    fn threat_k1_passwords_and_hashes_do_not_print() {
        assert!(!format!("{:?}", NewPassword::parse("correct horse", &[]).unwrap()).contains("horse"));
        assert_eq!(format!("{:?}", PasswordHash::new("$argon2id$".to_owned())), "PasswordHash(…)");
    }
}
