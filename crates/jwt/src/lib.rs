//! Access tokens as signed JSON Web Tokens (RFC 7519, RFC 9068), and the keys that sign them.
//!
//! [`KeyRing`] serves three ports: `TokenSigner`, `TokenVerifier` and `PublishedKeys`. It holds every signing
//! key, opened and parsed once, and needs neither disk nor network after that; when the stored keys change,
//! [`KeyRing::replace`] takes the new ones. [`KeyPress`] makes keys: the port `SigningKeyMaker`.
//!
//! # What a token says
//!
//! The header is `{"alg", "typ": "at+jwt", "kid"}` and nothing else. The claims:
//!
//! | claim | what it is | missing |
//! |---|---|---|
//! | `iss`, `aud` | the public URL of the deployment, in both | never |
//! | `sub` | the account; in Agora's tokens the key, as `org_key_` and 32 hexadecimal digits | never |
//! | `iat`, `nbf` | when it was issued, in whole seconds since 1970 | never |
//! | `exp` | when it ends | never |
//! | `jti` | names the token | never |
//! | `env` | `live` or `sandbox` | never |
//! | `account_id`, `account_epoch` | the account and its epoch at the time | never |
//! | `agent_id`, `agent_epoch` | the agent it is limited to and its epoch | if it speaks for the whole account |
//! | `key_id`, `key_generation` | the key it was exchanged for and its generation | if a password was |
//!
//! # How to add a claim
//!
//! The verifier refuses claims that it does not know: one that it passed over might have narrowed the token's
//! rights. While two releases run side by side, a new claim therefore takes two of them: the first reads it, the
//! second writes it. The same holds for the header.

mod claims;
mod key_pair;
mod key_press;
mod key_ring;
mod measured;
mod open_keys;
mod public_key;
mod remembered;
mod signer;
#[cfg(test)]
mod vectors;
mod verifier;

pub use key_press::{KeyPress, ReadyKeys};
pub use key_ring::{KeyRing, KeyRingError, KeyRingPorts};
