//! Sealing that hides nothing, and still opens only what it sealed.

use keyward_domain::audit::AuditMac;
use keyward_domain::idempotency::{IdempotencyKey, IdempotencySealer};
use keyward_domain::limits::LimitMac;
use keyward_domain::secret::{Digest, Sealer, Secret, Unsealable};

use crate::macs::FakeMac;

/// Puts a checksum over content and context in front of the content. For tests only.
#[derive(Debug)]
pub struct FakeSealer(FakeMac);

impl FakeSealer {
    const TAG: usize = 32;

    /// A sealer under this key: another key does not open what this one sealed.
    pub const fn new(key: u64) -> Self {
        Self(FakeMac::new(key))
    }

    /// What it has sealed, for whatever it was.
    pub fn plain_of(sealed: &[u8]) -> &[u8] {
        &sealed[Self::TAG..]
    }

    fn tag(&self, plain: &[u8], context: &[u8]) -> [u8; Self::TAG] {
        let length = (context.len() as u64).to_be_bytes();
        *AuditMac::mac(&self.0, &[&length, context, plain].concat()).as_bytes()
    }
}

impl Sealer for FakeSealer {
    fn seal(&self, plain: &[u8], context: &[u8]) -> Vec<u8> {
        [&self.tag(plain, context), plain].concat()
    }

    fn open(&self, sealed: &[u8], context: &[u8]) -> Result<Secret<Vec<u8>>, Unsealable> {
        let (tag, plain) = sealed.split_at_checked(Self::TAG).ok_or(Unsealable)?;
        if tag == self.tag(plain, context) { Ok(Secret::new(plain.to_vec())) } else { Err(Unsealable) }
    }
}

impl IdempotencySealer for FakeSealer {
    fn mac(&self, bytes: &[u8]) -> Digest {
        LimitMac::mac(&self.0, bytes)
    }

    fn seal(&self, key: &IdempotencyKey, plain: &[u8], context: &[u8]) -> Vec<u8> {
        Sealer::seal(self, plain, &[key.expose().as_bytes(), context].concat())
    }

    fn open(
        &self,
        key: &IdempotencyKey,
        sealed: &[u8],
        context: &[u8],
    ) -> Result<Secret<Vec<u8>>, Unsealable> {
        Sealer::open(self, sealed, &[key.expose().as_bytes(), context].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_only_what_it_sealed_under_the_same_context() {
        let sealer = FakeSealer::new(1);
        let sealed = Sealer::seal(&sealer, b"plain", b"context");
        assert_eq!(Sealer::open(&sealer, &sealed, b"context").unwrap().expose(), b"plain");
        assert!(Sealer::open(&sealer, &sealed, b"other").is_err());
        assert!(Sealer::open(&sealer, &sealed[1..], b"context").is_err());
        assert!(Sealer::open(&FakeSealer::new(2), &sealed, b"context").is_err());
    }
}
