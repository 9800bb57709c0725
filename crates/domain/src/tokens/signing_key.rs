//! The signing key: what rests in the database, and the states that it goes through.

use std::fmt;

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
    /// Where it stands between being made and being deleted.
    pub state: SigningKeyState,
    /// When it was made.
    pub created_at: Instant,
}

/// Where a signing key stands. In each of these states it verifies and is in the JWKS; a deleted key is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningKeyState {
    /// It is the next one: it signs nothing before everybody who verifies has had time to fetch it.
    Published {
        /// Since when it can be fetched.
        at: Instant,
    },
    /// It signs. Each algorithm has one such key.
    Active {
        /// Since when.
        since: Instant,
    },
    /// It signs no more, and verifies until the last token that it signed has expired.
    Retired {
        /// Since when.
        since: Instant,
    },
}

impl SigningKey {
    /// Whether it signs.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.state, SigningKeyState::Active { .. })
    }

    /// Since when it stands where it stands.
    #[must_use]
    pub const fn since(&self) -> Instant {
        match self.state {
            SigningKeyState::Published { at } => at,
            SigningKeyState::Active { since } | SigningKeyState::Retired { since } => since,
        }
    }

    /// Whether it is the next one to sign.
    #[must_use]
    pub const fn is_published(&self) -> bool {
        matches!(self.state, SigningKeyState::Published { .. })
    }
}
