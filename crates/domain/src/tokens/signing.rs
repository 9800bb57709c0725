//! Ports: signing and verifying tokens, and showing the keys that do it.

use std::sync::Arc;

use super::{AccessToken, SigningAlgorithm, TokenRejected};
use crate::secret::Secret;
use crate::time::Instant;

/// No token can be signed with this algorithm: it was not among those in use when the server started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no {0} key to sign with")]
pub struct NoSigningKey(pub SigningAlgorithm);

/// Port: signs tokens. No waiting, no look-up: the key is in memory.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait TokenSigner: Send + Sync {
    /// The token as a compact JWS.
    fn sign(&self, token: &AccessToken, algorithm: SigningAlgorithm) -> Result<Secret<String>, NoSigningKey>;
}

/// Port: verifies tokens. No waiting, no look-up, no connection: the keys are in memory.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait TokenVerifier: Send + Sync {
    /// What the token says, once its signature, then its times, then its claims are found good. Says nothing
    /// about whether what it is stamped by still stands.
    fn verify(&self, text: &str, now: Instant) -> Result<AccessToken, TokenRejected>;
}

/// The public halves of the keys of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwkSet {
    /// The JWK Set (RFC 7517, section 5) as JSON: every key that verifies.
    pub json: Arc<str>,
    /// SHA-256 of that JSON, base64url: the same at every node that knows the same keys.
    pub fingerprint: Arc<str>,
}

/// Port: the public halves, for those who verify tokens themselves.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait PublishedKeys: Send + Sync {
    /// The keys of this moment. Costs nothing: the set is made when the keys change.
    fn jwks(&self) -> JwkSet;
}
