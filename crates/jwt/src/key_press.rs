//! Makes signing keys, sealed from their first moment on.

use std::sync::Arc;
use std::thread;

use async_trait::async_trait;
use keyward_domain::secret::{Sealer, Secret};
use keyward_domain::tokens::{
    KeyNotMade, KeyThumbprint, NewKeyPair, SigningAlgorithm, SigningKey, SigningKeyMaker,
};
use tokio::sync::oneshot;

use crate::key_pair::KeyPair;

/// Private keys that were made before they are needed: PKCS #8 DER (RFC 5958), each given once. `None`: there is none
/// for this algorithm.
pub type ReadyKeys = Arc<dyn Fn(SigningAlgorithm) -> Option<Secret<Vec<u8>>> + Send + Sync>;

/// Makes key pairs and seals their private halves.
#[derive(Clone)]
pub struct KeyPress {
    sealer: Arc<dyn Sealer>,
    ready: ReadyKeys,
}

impl KeyPress {
    /// A press that seals what it makes with this.
    pub fn new(sealer: Arc<dyn Sealer>) -> Self {
        Self::with_ready(sealer, Arc::new(|_| None))
    }

    /// A press that takes what is ready before it makes anything.
    pub fn with_ready(sealer: Arc<dyn Sealer>, ready: ReadyKeys) -> Self {
        Self { sealer, ready }
    }

    fn press(&self, algorithm: SigningAlgorithm) -> Option<NewKeyPair> {
        let made = || KeyPair::generate(algorithm).ok();
        let pkcs8 = (self.ready)(algorithm).or_else(made)?;
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use keyward_testkit::sealer::FakeSealer;

    use super::*;

    #[test]
    fn what_is_ready_is_taken_once_and_then_keys_are_made() {
        let ready = KeyPair::generate(SigningAlgorithm::EdDsa).unwrap();
        let kid = KeyPair::parse(SigningAlgorithm::EdDsa, ready.expose()).unwrap().public().thumbprint();
        let ready = Mutex::new(Some(ready));
        let take = move |_| ready.lock().unwrap().take();
        let press = KeyPress::with_ready(Arc::new(FakeSealer::new(1)), Arc::new(take));
        let first = press.press(SigningAlgorithm::EdDsa).unwrap();
        let second = press.press(SigningAlgorithm::EdDsa).unwrap();
        assert_eq!(first.kid, kid);
        assert_ne!(second.kid, first.kid);
    }
}
