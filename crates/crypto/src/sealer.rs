//! Authenticated encryption of what rests in the database: AES-256-GCM (NIST SP 800-38D).
//!
//! A sealed value is `version (1 byte) ‖ nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes)`; the version and the
//! caller's context are authenticated with it. Nonces are random, which is safe for 2³² values under one key:
//! neither signing keys, nor the pages that admins turn, nor the mails that wait will ever come near that.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use keyward_domain::entropy::{Entropy, random_bytes};
use keyward_domain::secret::{Sealer, Secret, Unsealable};
use zeroize::Zeroizing;

/// The layout above. Another one gets another number, and both are read.
const VERSION: u8 = 1;

/// Seals with AES-256-GCM. Made by [`RootSecret::sealer`](crate::RootSecret::sealer).
pub struct AeadSealer {
    key: LessSafeKey,
    entropy: Arc<dyn Entropy>,
}

impl AeadSealer {
    #[allow(clippy::expect_used, reason = "AES-256 takes any key of 32 bytes, and the type has 32")]
    pub(crate) fn new(key: &Secret<[u8; 32]>, entropy: Arc<dyn Entropy>) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, key.expose()).expect("AES-256 takes 32 bytes");
        Self { key: LessSafeKey::new(key), entropy }
    }
}

impl fmt::Debug for AeadSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AeadSealer(…)")
    }
}

impl Sealer for AeadSealer {
    #[allow(
        clippy::expect_used,
        reason = "AES-GCM refuses texts of 64 GiB and more (SP 800-38D, section 5.2.1.1); signing keys have some KiB"
    )]
    fn seal(&self, plain: &[u8], context: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = random_bytes(&*self.entropy);
        let mut text = Zeroizing::new(Vec::with_capacity(plain.len() + AES_256_GCM.tag_len()));
        text.extend_from_slice(plain);
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), authenticated(context), &mut *text)
            .expect("AES-GCM seals a text of less than 64 GiB");
        [&[VERSION], nonce.as_slice(), &text].concat()
    }

    fn open(&self, sealed: &[u8], context: &[u8]) -> Result<Secret<Vec<u8>>, Unsealable> {
        let Some((&VERSION, rest)) = sealed.split_first() else {
            return Err(Unsealable);
        };
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_LEN).ok_or(Unsealable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unsealable)?;
        let mut text = Zeroizing::new(ciphertext.to_vec());
        let opened =
            self.key.open_in_place(nonce, authenticated(context), &mut text).map_err(|_| Unsealable)?;
        Ok(Secret::new(opened.to_vec()))
    }
}

/// What is authenticated beside the text: the version, which has a fixed length, then the context.
fn authenticated(context: &[u8]) -> Aad<Vec<u8>> {
    Aad::from([&[VERSION], context].concat())
}
