//! The text of a key: `ak_live_` and 64 base62 characters.
//!
//! ```text
//! ak_live_ 000000000000000 0000000000000000000000000000000000000000000 000000
//! prefix   handle (15)     secret (43, 256 bits)                       CRC-32 (6)
//! ```
//!
//! One pattern finds every key in a log or a commit, and the checksum tells garbage from a key without any
//! look-up. The checksum covers the prefix too.

use std::fmt;

use crate::entropy::{BASE62, Entropy, random_base62};
use crate::secret::Secret;

const HANDLE: usize = 15;
const SECRET: usize = 43;
const CHECKSUM: usize = 6;
const BODY: usize = HANDLE + SECRET + CHECKSUM;

/// The text is no key: wrong length, wrong characters or wrong checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an API key")]
pub struct InvalidKeyText;

/// The public part of a key's text by which it is looked up: 15 base62 characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyHandle([u8; HANDLE]);

impl KeyHandle {
    /// Draws a new handle. Unique by the store, not by hope.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(random_base62(entropy))
    }

    /// Reads a handle.
    pub fn parse(text: &str) -> Result<Self, InvalidKeyText> {
        let bytes: [u8; HANDLE] = text.as_bytes().try_into().map_err(|_| InvalidKeyText)?;
        if bytes.iter().all(u8::is_ascii_alphanumeric) { Ok(Self(bytes)) } else { Err(InvalidKeyText) }
    }

    /// The 15 characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default() // Base62 is ASCII.
    }
}

impl fmt::Debug for KeyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyHandle({})", self.as_str())
    }
}

/// What a key's text begins with: lower-case letters and underscores, ending in one, such as `ak_live_`.
/// It names the dialect that issued the key; the database row decides everything else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyPrefix(String);

impl KeyPrefix {
    const MAX_BYTES: usize = 16;

    /// Reads a prefix.
    pub fn parse(text: &str) -> Result<Self, InvalidKeyText> {
        if Self::is_valid(text) { Ok(Self(text.to_owned())) } else { Err(InvalidKeyText) }
    }

    /// The prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_valid(text: &str) -> bool {
        (2..=Self::MAX_BYTES).contains(&text.len())
            && text.ends_with('_')
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    }
}

impl fmt::Display for KeyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key as a client shows it, taken apart. Well-formed, but not yet known to be anybody's.
#[derive(Clone, Copy)]
pub struct PresentedKey<'a> {
    prefix: &'a str,
    handle: KeyHandle,
    secret: &'a str,
}

impl<'a> PresentedKey<'a> {
    /// Takes a key's text apart and checks its shape and checksum. No allocation, no look-up.
    pub fn parse(text: &'a str) -> Result<Self, InvalidKeyText> {
        if !text.is_ascii() {
            return Err(InvalidKeyText);
        }
        let (prefix, body) = text.split_at_checked(text.len().wrapping_sub(BODY)).ok_or(InvalidKeyText)?;
        let (handle, rest) = body.split_at_checked(HANDLE).ok_or(InvalidKeyText)?;
        let (secret, stated) = rest.split_at_checked(SECRET).ok_or(InvalidKeyText)?;
        let is_base62 = body.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !KeyPrefix::is_valid(prefix) || !is_base62 {
            return Err(InvalidKeyText);
        }
        let covered = text.as_bytes().get(..text.len() - CHECKSUM).ok_or(InvalidKeyText)?;
        // A plain comparison: the checksum is no secret, everybody can compute it.
        if checksum(covered) != stated.as_bytes() {
            return Err(InvalidKeyText);
        }
        Ok(Self { prefix, handle: KeyHandle::parse(handle)?, secret })
    }

    /// What the text begins with.
    pub const fn prefix(&self) -> &'a str {
        self.prefix
    }

    /// The public part.
    pub const fn handle(&self) -> KeyHandle {
        self.handle
    }

    /// The secret part, for its MAC.
    pub(super) const fn secret(&self) -> &'a str {
        self.secret
    }
}

impl fmt::Debug for PresentedKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PresentedKey({}{}…)", self.prefix, self.handle.as_str())
    }
}

/// Draws a secret and writes the whole text of a key.
pub(super) fn mint(prefix: &KeyPrefix, handle: KeyHandle, entropy: &dyn Entropy) -> Secret<String> {
    let mut secret: [u8; SECRET] = random_base62(entropy);
    let mut text = String::with_capacity(prefix.as_str().len() + BODY);
    text.push_str(prefix.as_str());
    text.push_str(handle.as_str());
    text.extend(secret.iter().copied().map(char::from));
    let stated = checksum(text.as_bytes());
    text.extend(stated.iter().copied().map(char::from));
    zeroize::Zeroize::zeroize(&mut secret);
    Secret::new(text)
}

/// CRC-32 (ISO-HDLC) as six base62 digits, the most significant first.
fn checksum(covered: &[u8]) -> [u8; CHECKSUM] {
    let mut rest = crc32fast::hash(covered);
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62.get((rest % 62) as usize).copied().unwrap_or(b'0'); // A remainder of 62 is an index.
        rest /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::tests::Counting;

    fn minted() -> String {
        let entropy = Counting::default();
        let handle = KeyHandle::generate(&entropy);
        mint(&KeyPrefix::parse("ak_live_").unwrap(), handle, &entropy).expose().clone()
    }

    #[test]
    fn a_minted_key_has_64_base62_characters_after_its_prefix() {
        let text = minted();
        let body = text.strip_prefix("ak_live_").unwrap();
        assert_eq!(body.len(), 64);
        assert!(body.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }

    #[test]
    fn a_minted_key_parses_into_its_parts() {
        let text = minted();
        let key = PresentedKey::parse(&text).unwrap();
        assert_eq!(key.prefix(), "ak_live_");
        assert_eq!(key.handle().as_str(), &text[8..23]);
        assert_eq!(key.secret(), &text[23..66]);
    }

    #[test]
    fn threat_g1_a_change_of_any_character_is_refused_before_any_look_up() {
        let text = minted();
        for position in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[position] = if bytes[position] == b'a' { b'b' } else { b'a' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(PresentedKey::parse(&changed).unwrap_err(), InvalidKeyText, "{position}");
        }
    }

    #[test]
    fn text_that_is_no_key_is_refused() {
        let text = minted();
        let cut = &text[..text.len() - 1];
        let spaced = format!(" {text}");
        let garbage = [
            "",
            "_",
            "ak_live_",
            "ak_live_…",
            &text[8..],
            cut,
            &spaced,
            &"é".repeat(40),
            &"a".repeat(10_000),
        ];
        for text in garbage {
            assert_eq!(PresentedKey::parse(text).unwrap_err(), InvalidKeyText, "{text}");
        }
    }

    #[test]
    fn threat_k1_a_presented_key_prints_without_its_secret() {
        let text = minted();
        let key = PresentedKey::parse(&text).unwrap();
        assert!(!format!("{key:?}").contains(key.secret()));
    }
}
