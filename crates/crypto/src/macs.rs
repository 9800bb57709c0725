//! Keyed MACs: of key secrets, of audit rows, of what is counted and of what was answered. Each has a key of its own, prepared once.

use aws_lc_rs::hmac;
use keyward_domain::audit::AuditMac;
use keyward_domain::keys::KeyMac;
use keyward_domain::limits::LimitMac;
use keyward_domain::secret::{Digest, Secret};

/// The pepper of API keys: HMAC-SHA-256 (RFC 2104). Made by [`RootSecret::key_mac`](crate::RootSecret::key_mac).
#[derive(Debug, Clone)]
pub struct HmacKeyMac(hmac::Key);

/// The MAC of audit rows: HMAC-SHA-256 (RFC 2104). Made by [`RootSecret::audit_mac`](crate::RootSecret::audit_mac).
#[derive(Debug, Clone)]
pub struct HmacAuditMac(hmac::Key);

/// The MAC of what limits count: HMAC-SHA-256 (RFC 2104). Made by [`RootSecret::limit_mac`](crate::RootSecret::limit_mac).
#[derive(Debug, Clone)]
pub struct HmacLimitMac(hmac::Key);

/// The MAC by which what was answered is found: HMAC-SHA-256 (RFC 2104).
#[derive(Debug, Clone)]
pub(crate) struct HmacIdempotencyMac(hmac::Key);

impl HmacIdempotencyMac {
    pub(crate) fn new(key: &Secret<[u8; 32]>) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.expose()))
    }

    pub(crate) fn of(&self, bytes: &[u8]) -> Digest {
        tag(&self.0, bytes)
    }
}

impl HmacKeyMac {
    pub(crate) fn new(key: &Secret<[u8; 32]>) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.expose()))
    }
}

impl KeyMac for HmacKeyMac {
    fn mac(&self, message: &[u8]) -> Digest {
        tag(&self.0, message)
    }
}

impl HmacAuditMac {
    pub(crate) fn new(key: &Secret<[u8; 32]>) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.expose()))
    }
}

impl AuditMac for HmacAuditMac {
    fn mac(&self, signed_bytes: &[u8]) -> Digest {
        tag(&self.0, signed_bytes)
    }
}

impl HmacLimitMac {
    pub(crate) fn new(key: &Secret<[u8; 32]>) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.expose()))
    }
}

impl LimitMac for HmacLimitMac {
    fn mac(&self, bytes: &[u8]) -> Digest {
        tag(&self.0, bytes)
    }
}

fn tag(key: &hmac::Key, message: &[u8]) -> Digest {
    let tag = hmac::sign(key, message);
    let mut bytes = [0; 32];
    // Equally long: a tag of HMAC-SHA-256 has 32 bytes.
    for (to, from) in bytes.iter_mut().zip(tag.as_ref()) {
        *to = *from;
    }
    Digest::new(bytes)
}
