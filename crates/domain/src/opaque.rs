//! Opaque tokens: 256 random bits as text, of which only a digest is stored. Mailed links and sessions prove by them.

use std::fmt;

use crate::entropy::{Entropy, random_bytes};
use crate::secret::{Digest, Secret};

/// The alphabet of base64url (RFC 4648, section 5).
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Port: what is stored in a token's place.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait TokenDigest: Send + Sync {
    /// SHA-256 (FIPS 180-4) of the token as it was sent. A token has 256 random bits: nobody finds it by trying, so the
    /// digest needs no key and no salt.
    fn digest(&self, token: &str) -> Digest;
}

/// A token's text, on its way to whom it is for.
pub struct OpaqueToken(Secret<String>);

impl OpaqueToken {
    /// Draws one: 256 bits in base64url without padding, which are 43 characters.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let drawn = Secret::new(random_bytes::<32>(entropy));
        Self(Secret::new(base64url(drawn.expose())))
    }

    /// A token that follows from another one: whoever knows only what is stored of that one cannot tell it.
    pub(crate) fn following(digest: Digest) -> Self {
        Self(Secret::new(base64url(digest.as_bytes())))
    }

    /// The text.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// 256 bits in base64url without padding.
fn base64url(drawn: &[u8; 32]) -> String {
    let mut text = String::with_capacity(PresentedOpaqueToken::CHARS);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for &byte in drawn {
        bits = bits << 8 | u32::from(byte);
        held += 8;
        while held >= 6 {
            held -= 6;
            text.push(character(bits >> held));
        }
    }
    text.push(character(bits << (6 - held))); // 256 is four more than a multiple of six.
    text
}

/// The character of the lowest six bits.
fn character(bits: u32) -> char {
    ALPHABET.get((bits & 63) as usize).copied().unwrap_or(b'A').into()
}

impl fmt::Debug for OpaqueToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpaqueToken(…)")
    }
}

/// A text that could be a token. It is compared exactly as it was sent.
#[derive(Clone, Copy)]
pub struct PresentedOpaqueToken<'a>(&'a str);

impl<'a> PresentedOpaqueToken<'a> {
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

impl fmt::Debug for PresentedOpaqueToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PresentedOpaqueToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::tests::Counting;

    #[test]
    fn a_token_is_256_bits_in_base64url() {
        let first = OpaqueToken::generate(&Counting::default());
        assert_eq!(first.expose(), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
        let last = OpaqueToken::generate(&Counting::starting_at(224));
        assert_eq!(last.expose(), "4OHi4-Tl5ufo6err7O3u7_Dx8vP09fb3-Pn6-_z9_v8");
        assert!(PresentedOpaqueToken::parse(first.expose()).is_some());
    }

    #[test]
    fn only_43_characters_of_the_alphabet_are_looked_for() {
        let good = "A".repeat(43);
        for text in
            ["", "A", &"A".repeat(42), &"A".repeat(44), &format!("{}=", "A".repeat(42)), &"ä".repeat(43)]
        {
            assert!(PresentedOpaqueToken::parse(text).is_none(), "{text}");
        }
        for odd in ["+", "/", " ", "\n", "\0", "."] {
            assert!(PresentedOpaqueToken::parse(&good.replacen('A', odd, 1)).is_none(), "{odd:?}");
        }
    }

    #[test]
    fn threat_k1_opaque_tokens_do_not_print() {
        let issued = OpaqueToken::generate(&Counting::default());
        let presented = PresentedOpaqueToken::parse(issued.expose()).unwrap();
        assert!(!format!("{issued:?} {presented:?}").contains("AAEC"));
    }
}
