//! The single-use token: its text, what is stored of it, and whether it is good.

use std::fmt;

use crate::accounts::{Account, AccountStatus, EmailAddress, Epoch};
use crate::entropy::{Entropy, random_bytes};
use crate::ids::AccountId;
use crate::secret::{Digest, Secret};
use crate::text_enum;
use crate::time::Instant;

/// The alphabet of base64url (RFC 4648, section 5).
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Port: what is stored in a token's place.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait TokenDigest: Send + Sync {
    /// SHA-256 (FIPS 180-4) of the token as it was sent. A token has 256 random bits: nobody finds it by trying, so the
    /// digest needs no key and no salt.
    fn digest(&self, token: &str) -> Digest;
}

text_enum! {
    /// What a token is good for.
    pub enum SingleUsePurpose {
        /// Showing that an address is one's own.
        VerifyAddress = "verify_address",
        /// Choosing another password.
        ResetPassword = "reset_password",
    }
}

/// A token's text, on its way into a mail.
pub struct IssuedSingleUseToken(Secret<String>);

impl IssuedSingleUseToken {
    /// Draws one: 256 bits in base64url without padding, which are 43 characters.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let drawn = Secret::new(random_bytes::<32>(entropy));
        let mut text = String::with_capacity(PresentedSingleUseToken::CHARS);
        let (mut bits, mut held) = (0_u32, 0_u32);
        for &byte in drawn.expose() {
            bits = bits << 8 | u32::from(byte);
            held += 8;
            while held >= 6 {
                held -= 6;
                text.push(character(bits >> held));
            }
        }
        text.push(character(bits << (6 - held))); // 256 is four more than a multiple of six.
        Self(Secret::new(text))
    }

    /// The text.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// The character of the lowest six bits.
fn character(bits: u32) -> char {
    ALPHABET.get((bits & 63) as usize).copied().unwrap_or(b'A').into()
}

impl fmt::Debug for IssuedSingleUseToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IssuedSingleUseToken(…)")
    }
}

/// A text that could be a token. It is compared exactly as it was sent.
#[derive(Clone, Copy)]
pub struct PresentedSingleUseToken<'a>(&'a str);

impl<'a> PresentedSingleUseToken<'a> {
    /// How many characters a token has.
    pub const CHARS: usize = 43;

    /// `None` for a text that no token can have: nobody need look for it.
    pub fn parse(text: &'a str) -> Option<Self> {
        let is_token = text.len() == Self::CHARS && text.bytes().all(|byte| ALPHABET.contains(&byte));
        is_token.then_some(Self(text))
    }

    /// What is stored in its place.
    pub fn digest(self, port: &dyn TokenDigest) -> Digest {
        port.digest(self.0)
    }
}

impl fmt::Debug for PresentedSingleUseToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PresentedSingleUseToken(…)")
    }
}

/// What a token is good for, and what besides account and address must be as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SingleUseBinding {
    /// Showing that an address is one's own.
    VerifyAddress,
    /// Choosing another password, while no other way has been taken to end what the old one began.
    ResetPassword {
        /// The account's epoch.
        epoch: Epoch,
    },
}

impl SingleUseBinding {
    /// What the token is good for.
    pub const fn purpose(self) -> SingleUsePurpose {
        match self {
            Self::VerifyAddress => SingleUsePurpose::VerifyAddress,
            Self::ResetPassword { .. } => SingleUsePurpose::ResetPassword,
        }
    }
}

/// What is stored of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleUseToken {
    /// What is stored in the place of its text.
    pub digest: Digest,
    /// What it is good for.
    pub binding: SingleUseBinding,
    /// Whose it is.
    pub account: AccountId,
    /// Where it was mailed to.
    pub address: EmailAddress,
    /// When it was made.
    pub created_at: Instant,
    /// From when on it is good no longer.
    pub expires_at: Instant,
    /// When it was used.
    pub used_at: Option<Instant>,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SingleUseTokenRefused {
    /// There is none, not for this, or no longer: a newer one was mailed, the account has another address, its tokens
    /// were ended, or it is gone.
    #[error("the token is unknown")]
    Unknown,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// It was used.
    #[error("the token was used")]
    Used,
}

impl SingleUseToken {
    /// Whether what it is bound to is as it was. `account` is its account.
    pub fn is_bound_to(&self, account: &Account) -> bool {
        let is_epoch = match self.binding {
            SingleUseBinding::VerifyAddress => true,
            SingleUseBinding::ResetPassword { epoch } => account.epoch == epoch,
        };
        let is_archived = matches!(account.status, AccountStatus::Archived { .. });
        let address = account.email.as_ref().map(|email| &email.address);
        is_epoch && !is_archived && address == Some(&self.address) && account.id == self.account
    }

    /// Whether it can be used for this, now. That it was used or has expired is told first, so that whoever follows a
    /// link twice hears the true reason.
    pub fn check(
        &self,
        purpose: SingleUsePurpose,
        account: &Account,
        now: Instant,
    ) -> Result<(), SingleUseTokenRefused> {
        if self.binding.purpose() != purpose {
            Err(SingleUseTokenRefused::Unknown)
        } else if self.used_at.is_some() {
            Err(SingleUseTokenRefused::Used)
        } else if self.expires_at <= now {
            Err(SingleUseTokenRefused::Expired)
        } else if self.is_bound_to(account) {
            Ok(())
        } else {
            Err(SingleUseTokenRefused::Unknown)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::tests::Counting;

    #[test]
    fn a_token_is_256_bits_in_base64url() {
        let first = IssuedSingleUseToken::generate(&Counting::default());
        assert_eq!(first.expose(), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
        let last = IssuedSingleUseToken::generate(&Counting::starting_at(224));
        assert_eq!(last.expose(), "4OHi4-Tl5ufo6err7O3u7_Dx8vP09fb3-Pn6-_z9_v8");
        assert!(PresentedSingleUseToken::parse(first.expose()).is_some());
    }

    #[test]
    fn only_43_characters_of_the_alphabet_are_looked_for() {
        let good = "A".repeat(43);
        for text in
            ["", "A", &"A".repeat(42), &"A".repeat(44), &format!("{}=", "A".repeat(42)), &"ä".repeat(43)]
        {
            assert!(PresentedSingleUseToken::parse(text).is_none(), "{text}");
        }
        for odd in ["+", "/", " ", "\n", "\0", "."] {
            assert!(PresentedSingleUseToken::parse(&good.replacen('A', odd, 1)).is_none(), "{odd:?}");
        }
    }

    #[test]
    fn threat_k1_single_use_tokens_do_not_print() {
        let issued = IssuedSingleUseToken::generate(&Counting::default());
        let presented = PresentedSingleUseToken::parse(issued.expose()).unwrap();
        assert!(!format!("{issued:?} {presented:?}").contains("AAEC"));
    }
}
