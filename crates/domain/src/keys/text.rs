//! The text of a key: `ak_live_` and 64 base62 characters.
//!
//! ```text
//! ak_live_ 000000000000000 0000000000000000000000000000000000000000000 000000
//! prefix   handle (15)     secret (43, 256 bits)                       CRC-32 (6)
//! ```
//!
//! One pattern finds every key in a log or a commit, and the checksum tells garbage from a key without any
//! look-up. The checksum covers the prefix too.

use std::borrow::Cow;
use std::fmt;

use crate::entropy::{BASE62, Entropy, random_base62};
use crate::secret::Secret;

/// What the rows of keys have that other systems issued. No key's text begins with it.
pub(super) const IMPORTED: &str = "imported_";
pub(super) const HANDLE: usize = 15;
pub(super) const SECRET: usize = 43;
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

    /// Takes 15 base62 characters.
    pub(super) const fn of_base62(characters: [u8; HANDLE]) -> Self {
        Self(characters)
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
pub struct KeyPrefix(Cow<'static, str>);

impl KeyPrefix {
    /// The longest prefix.
    pub(super) const MAX_BYTES: usize = 16;

    /// Takes a prefix that a program is written with. Panics, when the program is built, if it is none.
    ///
    /// ```
    /// use keyward_domain::keys::KeyPrefix;
    ///
    /// const LIVE: KeyPrefix = KeyPrefix::from_static("ak_live_");
    /// assert_eq!(LIVE.as_str(), "ak_live_");
    /// ```
    pub const fn from_static(text: &'static str) -> Self {
        assert!(Self::is_valid(text), "a key's prefix: lower-case letters and underscores, ending in one");
        Self(Cow::Borrowed(text))
    }

    /// Reads a prefix.
    pub fn parse(text: &str) -> Result<Self, InvalidKeyText> {
        if Self::is_valid(text) { Ok(Self(Cow::Owned(text.to_owned()))) } else { Err(InvalidKeyText) }
    }

    /// The prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    const fn is_valid(text: &str) -> bool {
        let bytes = text.as_bytes();
        let mut rest = bytes;
        while let [first, others @ ..] = rest {
            if !(first.is_ascii_lowercase() || *first == b'_') {
                return false;
            }
            rest = others;
        }
        matches!(bytes, [.., b'_']) && bytes.len() >= 2 && bytes.len() <= Self::MAX_BYTES
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
    secret: &'a [u8; SECRET],
}

impl<'a> PresentedKey<'a> {
    /// Takes a key's text apart and checks its shape and checksum. No allocation, no look-up.
    pub fn parse(text: &'a str) -> Result<Self, InvalidKeyText> {
        let (prefix, body) = parts(text).ok_or(InvalidKeyText)?;
        let (handle, rest) = body.split_at_checked(HANDLE).ok_or(InvalidKeyText)?;
        let (secret, stated) = rest.split_at_checked(SECRET).ok_or(InvalidKeyText)?;
        let covered = text.as_bytes().get(..text.len() - CHECKSUM).ok_or(InvalidKeyText)?;
        // Security: what stands in for the text of a key of another system is no key itself. Else whoever has that
        // system's export and reads a handle in the database could put one together.
        if prefix == IMPORTED {
            return Err(InvalidKeyText);
        }
        // A plain comparison: the checksum is no secret, everybody can compute it.
        if checksum(covered) != stated.as_bytes() {
            return Err(InvalidKeyText);
        }
        let secret = secret.as_bytes().try_into().map_err(|_| InvalidKeyText)?;
        Ok(Self { prefix, handle: KeyHandle::parse(handle)?, secret })
    }

    /// Whether the text is a key's but for its checksum.
    pub(super) fn has_our_shape(text: &str) -> bool {
        parts(text).is_some()
    }

    /// A key whose parts are known.
    pub(super) const fn of_parts(prefix: &'a str, handle: KeyHandle, secret: &'a [u8; SECRET]) -> Self {
        Self { prefix, handle, secret }
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
    pub(super) const fn secret(&self) -> &'a [u8; SECRET] {
        self.secret
    }
}

impl fmt::Debug for PresentedKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PresentedKey({}{}…)", self.prefix, self.handle.as_str())
    }
}

/// A key's text, fresh, with the parts that it is made of.
pub(super) struct Minted<'a> {
    prefix: &'a KeyPrefix,
    handle: KeyHandle,
    secret: Secret<[u8; SECRET]>,
}

impl<'a> Minted<'a> {
    /// Draws a secret.
    pub(super) fn draw(prefix: &'a KeyPrefix, handle: KeyHandle, entropy: &dyn Entropy) -> Self {
        Self { prefix, handle, secret: Secret::new(random_base62(entropy)) }
    }

    /// The whole text, to be shown once.
    pub(super) fn text(&self) -> Secret<String> {
        let mut text = String::with_capacity(KeyPrefix::MAX_BYTES + BODY);
        text.push_str(self.prefix.as_str());
        text.push_str(self.handle.as_str());
        text.extend(self.secret.expose().iter().copied().map(char::from));
        let stated = checksum(text.as_bytes());
        text.extend(stated.iter().copied().map(char::from));
        Secret::new(text)
    }

    /// The same as a client will show it.
    pub(super) fn presented(&self) -> PresentedKey<'_> {
        PresentedKey { prefix: self.prefix.as_str(), handle: self.handle, secret: self.secret.expose() }
    }
}

/// Prefix and body of what has the shape of a key.
fn parts(text: &str) -> Option<(&str, &str)> {
    if !text.is_ascii() {
        return None;
    }
    let (prefix, body) = text.split_at_checked(text.len().wrapping_sub(BODY))?;
    let is_base62 = body.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (KeyPrefix::is_valid(prefix) && is_base62).then_some((prefix, body))
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
        Minted::draw(&KeyPrefix::from_static("ak_live_"), handle, &entropy).text().expose().clone()
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
        assert_eq!(key.secret(), &text.as_bytes()[23..66]);
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
        assert!(!format!("{key:?}").contains(&text[23..66]));
    }

    proptest::proptest! {
        #[test]
        fn whatever_text_is_shown_parsing_it_answers(text in "\\PC{0,100}") {
            let _ = PresentedKey::parse(&text);
        }

        #[test]
        fn every_minted_key_parses_into_what_it_was_made_of(prefix in "[a-z_]{1,15}_", seed in 0..=255_u8) {
            let entropy = Counting::starting_at(seed);
            let (prefix, handle) = (KeyPrefix::parse(&prefix).unwrap(), KeyHandle::generate(&entropy));
            let minted = Minted::draw(&prefix, handle, &entropy);
            let text = minted.text();
            let (key, made) = (PresentedKey::parse(text.expose()).unwrap(), minted.presented());
            proptest::prop_assert_eq!(key.prefix(), made.prefix());
            proptest::prop_assert_eq!((key.handle(), key.secret()), (made.handle(), made.secret()));
        }
    }
}
