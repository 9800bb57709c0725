//! Tokens whose signature was found good: the hot path does not verify it again.
//!
//! Security: what is remembered is that a key of ours has signed exactly these bytes, and what they say. Whether the
//! key still verifies and whether this is the time for the token is asked anew each time, and whether what the token
//! is stamped by still stands is not this crate's question at all. Failures are not remembered: whoever invents
//! tokens could fill the memory with them.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use keyward_domain::tokens::AccessToken;
use quick_cache::sync::Cache;

use crate::claims::Times;
use crate::open_keys::KeySerial;

/// The SHA-256 of a token's whole text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TokenDigest([u8; 32]);

impl TokenDigest {
    pub(crate) fn of(text: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        Self(bytes)
    }
}

/// What a token says, and which key has signed it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Remembered {
    pub(crate) token: AccessToken,
    pub(crate) times: Times,
    pub(crate) key: KeySerial,
}

/// A bounded memory of tokens, shared by all threads. A token that is asked for often stays, however many come once.
pub(crate) struct RememberedTokens(Cache<TokenDigest, Remembered>);

impl RememberedTokens {
    /// Remembers about so many tokens, and never more.
    pub(crate) fn new(most: usize) -> Self {
        Self(Cache::new(most))
    }

    pub(crate) fn find(&self, digest: &TokenDigest) -> Option<Remembered> {
        self.0.get(digest)
    }

    pub(crate) fn remember(&self, digest: TokenDigest, token: Remembered) {
        self.0.insert(digest, token);
    }

    pub(crate) fn forget(&self, digest: &TokenDigest) {
        self.0.remove(digest);
    }

    /// Forgets the tokens of all keys but these.
    pub(crate) fn keep_those_of(&self, is_known: impl Fn(KeySerial) -> bool) {
        self.0.retain(|_, token| is_known(token.key));
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Debug for RememberedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RememberedTokens({})", self.len())
    }
}
