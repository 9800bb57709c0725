//! Tokens that are rows of a table instead of signatures, and keys that sign nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use keyward_domain::entropy::random_bytes;
use keyward_domain::secret::Secret;
use keyward_domain::time::Instant;
use keyward_domain::tokens::{
    AccessToken, KeyNotMade, KeyThumbprint, NewKeyPair, NoSigningKey, SigningAlgorithm, SigningKeyMaker,
    TokenRejected, TokenSigner, TokenVerifier,
};

use crate::entropy::SeededEntropy;

/// Signs by writing the token down, verifies by looking it up.
#[derive(Debug, Default)]
pub struct FakeTokens(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    issued: HashMap<String, Result<AccessToken, TokenRejected>>,
    missing: Vec<SigningAlgorithm>,
}

impl FakeTokens {
    /// A signer for every algorithm that has signed nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on there is no key to sign with this algorithm.
    pub fn lose(&self, algorithm: SigningAlgorithm) {
        self.0.lock().unwrap().missing.push(algorithm);
    }

    /// From now on this text is rejected so.
    pub fn reject(&self, text: &str, rejected: TokenRejected) {
        self.0.lock().unwrap().issued.insert(text.to_owned(), Err(rejected));
    }

    /// How many tokens were signed.
    pub fn signed(&self) -> usize {
        self.0.lock().unwrap().issued.values().filter(|row| row.is_ok()).count()
    }
}

impl TokenSigner for FakeTokens {
    fn sign(&self, token: &AccessToken, algorithm: SigningAlgorithm) -> Result<Secret<String>, NoSigningKey> {
        let mut state = self.0.lock().unwrap();
        if state.missing.contains(&algorithm) {
            return Err(NoSigningKey(algorithm));
        }
        let text = format!("{algorithm}.{}.signed", token.id);
        state.issued.insert(text.clone(), Ok(*token));
        Ok(Secret::new(text))
    }
}

impl TokenVerifier for FakeTokens {
    /// Takes no leeway: a token ends at its `expires_at`.
    fn verify(&self, text: &str, now: Instant) -> Result<AccessToken, TokenRejected> {
        let token = self.0.lock().unwrap().issued.get(text).copied().ok_or(TokenRejected::Invalid)??;
        if now < token.expires_at { Ok(token) } else { Err(TokenRejected::Expired) }
    }
}

/// Makes names and bytes that stand for key pairs.
#[derive(Debug)]
pub struct FakeKeyMaker {
    entropy: Arc<SeededEntropy>,
    broken: Mutex<Vec<SigningAlgorithm>>,
}

impl FakeKeyMaker {
    /// A maker that draws from this.
    pub const fn new(entropy: Arc<SeededEntropy>) -> Self {
        Self { entropy, broken: Mutex::new(Vec::new()) }
    }

    /// From now on no key of this algorithm can be made.
    pub fn fail(&self, algorithm: SigningAlgorithm) {
        self.broken.lock().unwrap().push(algorithm);
    }
}

#[async_trait]
impl SigningKeyMaker for FakeKeyMaker {
    async fn make(&self, algorithm: SigningAlgorithm) -> Result<NewKeyPair, KeyNotMade> {
        if self.broken.lock().unwrap().contains(&algorithm) {
            return Err(KeyNotMade(algorithm));
        }
        let kid = KeyThumbprint::new(format!("kid-{:016x}", self.entropy.next()));
        Ok(NewKeyPair { kid, sealed: random_bytes::<32>(&*self.entropy).to_vec() })
    }
}
