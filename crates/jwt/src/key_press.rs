//! Makes signing keys, sealed from their first moment on.

use std::sync::Arc;
use std::thread;

use async_trait::async_trait;
use keyward_domain::secret::Sealer;
use keyward_domain::tokens::{
    KeyNotMade, KeyThumbprint, NewKeyPair, SigningAlgorithm, SigningKey, SigningKeyMaker,
};
use tokio::sync::oneshot;

use crate::key_pair::KeyPair;

/// Makes key pairs and seals their private halves.
#[derive(Clone)]
pub struct KeyPress {
    sealer: Arc<dyn Sealer>,
}

impl KeyPress {
    /// A press that seals what it makes with this.
    pub fn new(sealer: Arc<dyn Sealer>) -> Self {
        Self { sealer }
    }

    fn press(&self, algorithm: SigningAlgorithm) -> Option<NewKeyPair> {
        let pkcs8 = KeyPair::generate(algorithm).ok()?;
        let kid = KeyPair::parse(algorithm, pkcs8.expose()).ok()?.public().thumbprint();
        let sealed = self.sealer.seal(pkcs8.expose(), &context(&kid, algorithm));
        Some(NewKeyPair { kid, sealed })
    }
}

#[async_trait]
impl SigningKeyMaker for KeyPress {
    /// On a thread of its own: an RSA key is hard work, and a few of them in a year need no pool.
    async fn make(&self, algorithm: SigningAlgorithm) -> Result<NewKeyPair, KeyNotMade> {
        let (press, (give, take)) = (self.clone(), oneshot::channel());
        let thread = thread::Builder::new().name("key-press".to_owned());
        let started = thread.spawn(move || give.send(press.press(algorithm)));
        started.map_err(|_| KeyNotMade(algorithm))?;
        take.await.ok().flatten().ok_or(KeyNotMade(algorithm))
    }
}

/// What a sealed key is bound to: its purpose, its algorithm and its name.
fn context(kid: &KeyThumbprint, algorithm: SigningAlgorithm) -> Vec<u8> {
    format!("keyward signing key 1:{algorithm}:{kid}").into_bytes()
}

/// What sealing a stored key was bound to.
pub(crate) fn context_of(key: &SigningKey) -> Vec<u8> {
    context(&key.kid, key.algorithm)
}
