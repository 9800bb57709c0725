//! A key that another system issued: it is shown as any other, and its text has no shape of ours.
//!
//! Of its text only SHA-256 was ever known here. From that come the handle by which it is looked up, under the pepper, and
//! the secret that its row's MAC covers. So the row is like any other, and holds nothing that whoever reads the database
//! could compare with the other system's export.

use super::text::{IMPORTED, SECRET};
use super::{KeyHandle, KeyMac, KeyPrefix, PresentedKey};
use crate::entropy::BASE62;
use crate::secret::{Digest, Secret};
use crate::single_use::TokenDigest;

/// What the rows of such keys have as their prefix.
const PREFIX: KeyPrefix = KeyPrefix::from_static(IMPORTED);

/// What the MAC of a handle covers before the digest: no other MAC under the pepper covers anything that begins so.
const HANDLE_OF: &[u8; 25] = b"keyward-imported-handle-1";

/// A key that another system issued, as far as it is looked up and verified.
pub struct ForeignKey {
    handle: KeyHandle,
    secret: Secret<[u8; SECRET]>,
}

impl ForeignKey {
    /// The fewest characters of its text: less could be found by trying.
    pub const MIN_CHARS: usize = 16;
    /// The most characters of its text.
    pub const MAX_CHARS: usize = 512;

    /// Reads a key as it is shown. `None` for what is none: too short, too long, not printable ASCII, or a key of ours
    /// that was typed wrong.
    pub fn read(text: &str, digest: &dyn TokenDigest, mac: &dyn KeyMac) -> Option<Self> {
        let is_text = text.bytes().all(|byte| byte.is_ascii_graphic());
        let fits = (Self::MIN_CHARS..=Self::MAX_CHARS).contains(&text.len());
        let may_be = is_text && fits && !looks_like_ours(text);
        may_be.then(|| Self::of_digest(digest.digest(text), mac))
    }

    /// The key whose text has this SHA-256.
    pub fn of_digest(sha256: Digest, mac: &dyn KeyMac) -> Self {
        let mut message = [0; HANDLE_OF.len() + 32];
        let (begins, ends) = message.split_at_mut(HANDLE_OF.len());
        begins.copy_from_slice(HANDLE_OF);
        ends.copy_from_slice(sha256.as_bytes());
        let handle = KeyHandle::of_base62(base62(mac.mac(&message).as_bytes()));
        zeroize::Zeroize::zeroize(&mut message);
        Self { handle, secret: Secret::new(base62(sha256.as_bytes())) }
    }

    /// The public part.
    pub const fn handle(&self) -> KeyHandle {
        self.handle
    }

    /// What its row has as its prefix.
    pub const fn prefix() -> KeyPrefix {
        PREFIX
    }

    /// The same as a key of ours that is taken apart.
    pub fn presented(&self) -> PresentedKey<'_> {
        PresentedKey::of_parts(IMPORTED, self.handle, self.secret.expose())
    }
}

/// Whether the text is one of ours but for its checksum: a prefix and 64 base62 characters.
///
/// Security: such a text is refused without a look-up, as ever. Letters alone are what Better Auth draws; of ours one in
/// 78,000 has no digit.
fn looks_like_ours(text: &str) -> bool {
    PresentedKey::has_our_shape(text) && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// The last `N` digits of a number of 256 bits, the most significant first. 43 are all of them.
fn base62<const N: usize>(number: &[u8; 32]) -> [u8; N] {
    let mut rest = *number;
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        let mut remainder = 0_u32;
        for byte in &mut rest {
            let held = remainder << 8 | u32::from(*byte);
            *byte = (held / 62) as u8; // The remainder before was below 62, so this is below 256.
            remainder = held % 62;
        }
        *digit = BASE62.get(remainder as usize).copied().unwrap_or(b'0'); // A remainder of 62 is an index.
    }
    zeroize::Zeroize::zeroize(&mut rest);
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The length in the first byte and the last bytes of the message behind it.
    struct Plain;

    impl KeyMac for Plain {
        fn mac(&self, message: &[u8]) -> Digest {
            let mut bytes = [0; 32];
            bytes.copy_from_slice(&message[message.len() - 32..]);
            bytes[0] = message.len() as u8;
            Digest::new(bytes)
        }
    }

    impl TokenDigest for Plain {
        fn digest(&self, token: &str) -> Digest {
            let mut bytes = [0; 32];
            for (to, from) in bytes.iter_mut().zip(token.bytes().rev()) {
                *to = from;
            }
            Digest::new(bytes)
        }
    }

    fn is_read(text: &str) -> bool {
        ForeignKey::read(text, &Plain, &Plain).is_some()
    }

    #[test]
    fn a_number_of_256_bits_has_43_digits() {
        assert_eq!(base62::<43>(&[0; 32]), [b'0'; 43]);
        let mut number = [0; 32];
        (number[30], number[31]) = (1, 0);
        assert_eq!(&base62::<43>(&number)[40..], b"048"); // 256 is 4 · 62 + 8.
        // python3 -c 'n=2**256-1; a="0…9A…Za…z"; s=""\nwhile n: n,r=divmod(n,62); s=a[r]+s\nprint(s)'
        assert_eq!(&base62::<43>(&[0xff; 32]), b"yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1");
    }

    #[test]
    fn what_is_shown_and_what_was_imported_are_one_key() {
        let text = "unkey_3ZYwQ7RkD6mP4s";
        let (shown, imported) = (
            ForeignKey::read(text, &Plain, &Plain).unwrap(),
            ForeignKey::of_digest(Plain.digest(text), &Plain),
        );
        assert_eq!(shown.handle(), imported.handle());
        assert_eq!(shown.presented().secret(), imported.presented().secret());
        assert_eq!(shown.presented().prefix(), "imported_");
        let other = ForeignKey::read("unkey_3ZYwQ7RkD6mP4t", &Plain, &Plain).unwrap();
        assert_ne!(shown.presented().secret(), other.presented().secret());
    }

    #[test]
    fn threat_k4_the_handle_depends_on_the_pepper_and_the_row_holds_no_digest() {
        struct Constant;
        impl KeyMac for Constant {
            fn mac(&self, _message: &[u8]) -> Digest {
                Digest::new([7; 32])
            }
        }
        let digest = Digest::new([9; 32]);
        let (one, other) = (ForeignKey::of_digest(digest, &Plain), ForeignKey::of_digest(digest, &Constant));
        assert_ne!(one.handle(), other.handle());
        assert!(!one.presented().secret().starts_with(one.handle().as_str().as_bytes()));
    }

    #[test]
    fn threat_g1_what_is_no_key_of_anybody_s_is_not_looked_at() {
        let ours_typed_wrong = format!("ak_live_{}7", "a".repeat(63));
        for text in [
            "",
            "fifteen_chars_x",
            &"x".repeat(513),
            "with a blank inside it",
            "sixteen_charsß__",
            "line\nbreak_in_here",
            &ours_typed_wrong,
        ] {
            assert!(!is_read(text), "{text:?}");
        }
    }

    #[test]
    fn keys_of_other_systems_are_looked_at() {
        for text in [
            "sixteen_chars_xx",
            "unkey_3ZYwQ7RkD6mP4s",
            &"x".repeat(512),
            &"aB".repeat(32),
            &format!("myapp_{}", "aB".repeat(32)),
            &format!("sk-proj-{}", "9".repeat(64)),
            "eyJ.not-a-token+but/printable==",
        ] {
            assert!(is_read(text), "{text}");
        }
    }
}
