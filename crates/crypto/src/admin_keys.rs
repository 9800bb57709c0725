//! Admin keys: kept as their SHA-256 alone, each with its name.

use aws_lc_rs::digest::{SHA256, digest};
use keyward_domain::admin::{AdminAuthenticator, AdminName};
use keyward_domain::secret::{Digest, Secret};

/// The admin keys of a server. A fast hash does: a key is random and has at least 32 characters.
#[derive(Debug, Clone, Default)]
pub struct AdminKeys(Vec<(AdminName, Digest)>);

/// Two admin keys are one and the same, so that nobody could say who used it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is the same key as that of {0}")]
pub struct SharedAdminKey(pub AdminName);

impl AdminKeys {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same keys and this one.
    pub fn with(mut self, name: AdminName, key: &Secret<String>) -> Result<Self, SharedAdminKey> {
        match self.authenticate(key.expose()) {
            Some(other) => Err(SharedAdminKey(other)),
            None => {
                self.0.push((name, sha256(key.expose())));
                Ok(self)
            }
        }
    }
}

impl AdminAuthenticator for AdminKeys {
    fn authenticate(&self, text: &str) -> Option<AdminName> {
        let shown = sha256(text);
        // Security: every key is compared, so that the time does not tell which one it is.
        let matching = |found, (name, key): &'_ (AdminName, Digest)| {
            if *key == shown { Some(name.clone()) } else { found }
        };
        self.0.iter().fold(None, matching)
    }
}

fn sha256(text: &str) -> Digest {
    let hash = digest(&SHA256, text.as_bytes());
    let mut bytes = [0; 32];
    // Equally long: SHA-256 has 32 bytes.
    for (to, from) in bytes.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    Digest::new(bytes)
}
