//! Ports: signing and verifying tokens, and keeping the keys that do it.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::{AccessToken, TokenRejected};
use crate::audit::AuditEvent;
use crate::secret::Secret;
use crate::store::StoreError;
use crate::text_enum;
use crate::time::Instant;

text_enum! {
    /// An asymmetric signature algorithm, by its JWA name (RFC 7518, section 3.1; RFC 8037, section 3.1).
    /// There is no symmetric one: nobody who can verify a token can make one.
    pub enum SigningAlgorithm {
        /// Ed25519.
        EdDsa = "EdDSA",
        /// ECDSA on P-256 with SHA-256.
        Es256 = "ES256",
        /// RSASSA-PKCS1-v1_5 with SHA-256, 2048 bits.
        Rs256 = "RS256",
    }
}

/// The RFC 7638 thumbprint of a public key, base64url: its `kid`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyThumbprint(String);

impl KeyThumbprint {
    /// Takes a thumbprint that was computed or stored.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The thumbprint.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyThumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A signing key as it rests in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Names it, in token headers and in the JWKS.
    pub kid: KeyThumbprint,
    /// What it signs with: the authority for verification too, whatever a token's header says.
    pub algorithm: SigningAlgorithm,
    /// The private key (PKCS #8 DER, RFC 5958), sealed.
    pub sealed: Vec<u8>,
    /// When it came into use.
    pub created_at: Instant,
}

/// Why a signing key was not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActivateSigningKeyError {
    /// Another node has activated one for this algorithm: use that one.
    #[error("the algorithm has an active key")]
    AlreadyActive,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Port: keeps signing keys. The rules of [`crate::store`] hold.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SigningKeyStore: Send + Sync {
    /// All active keys, oldest first; those of one moment by `kid`.
    async fn all(&self) -> Result<Vec<SigningKey>, StoreError>;

    /// Keeps a key as its algorithm's active one. Of several at the same time exactly one succeeds.
    async fn activate(&self, key: SigningKey, event: AuditEvent) -> Result<(), ActivateSigningKeyError>;
}

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

/// Port: the public halves, for those who verify tokens themselves.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait PublishedKeys: Send + Sync {
    /// The JWK Set (RFC 7517, section 5) as JSON: every key that verifies.
    fn jwks(&self) -> Arc<str>;
}
