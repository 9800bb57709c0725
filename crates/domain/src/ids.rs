//! Ids: one list, one type each, so that an id of the wrong kind does not compile.
//!
//! Every id is a UUIDv7 (RFC 9562, section 5.7): it sorts by the time it was made, and its 74 random bits
//! keep it from being guessed. An id is a name, never a credential.

use std::fmt;
use std::str::FromStr;

use uuid::{Builder, Uuid};

use crate::entropy::{Entropy, random_bytes};
use crate::time::Instant;

/// The text is no UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct InvalidId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// The noun that this id names, as logs and the audit trail write it.
            pub const KIND: &str = $kind;

            /// Makes a new id that sorts after those made before `now`.
            pub fn generate(now: Instant, entropy: &dyn Entropy) -> Self {
                let millis = u64::try_from(now.unix_micros() / 1_000).unwrap_or(0);
                Self(Builder::from_unix_timestamp_millis(millis, &random_bytes(entropy)).into_uuid())
            }

            /// Takes a UUID that is known to name this kind of thing, such as one read from its own column.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for a column or a MAC.
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}:{}", Self::KIND, self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Reads the hyphenated form, in either case, and no other spelling of a UUID.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let parsed = Uuid::try_parse(text).map_err(|_| InvalidId)?;
                let mut buffer = Uuid::encode_buffer();
                let canonical = parsed.hyphenated().encode_lower(&mut buffer);
                if canonical.eq_ignore_ascii_case(text) { Ok(Self(parsed)) } else { Err(InvalidId) }
            }
        }
    )+};
}

ids! {
    /// Names an [`Account`](crate::accounts::Account).
    AccountId = "account";
    /// Names an [`Agent`](crate::agents::Agent).
    AgentId = "agent";
    /// Names an [`ApiKey`](crate::keys::ApiKey). Clients see the key's handle, never this.
    KeyId = "key";
    /// Names an [`AccessToken`](crate::tokens::AccessToken): the `jti` claim (RFC 7519, section 4.1.7).
    TokenId = "token";
    /// Names a [`Session`](crate::sessions::Session). A browser shows the session's text, never this.
    SessionId = "session";
    /// Names an [`AuditEvent`](crate::audit::AuditEvent).
    AuditEventId = "audit_event";
    /// Names a mail that is to be sent.
    MailId = "mail";
    /// Names one request at one server; in its answer's headers, its log lines and its audit events.
    RequestId = "request";
}

impl KeyId {
    /// The 32 hexadecimal digits of the id, for surfaces that write ids without hyphens.
    pub fn to_hex(&self) -> String {
        self.0.simple().to_string()
    }

    /// Reads what [`to_hex`](Self::to_hex) writes, and no other spelling.
    pub fn from_hex(text: &str) -> Result<Self, InvalidId> {
        let id = Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)?;
        if id.to_hex() == text { Ok(id) } else { Err(InvalidId) }
    }
}

impl AccountId {
    /// How many hexadecimal digits a tenant has.
    const TENANT: usize = 12;

    /// The last 12 hexadecimal digits of the id, all of them random, for a surface whose clients know accounts by so
    /// few (TruCore, "Signup"). Unique by the store, which has another id drawn when they are in use.
    pub fn tenant(&self) -> String {
        let mut digits = self.0.simple().to_string();
        digits.split_off(digits.len() - Self::TENANT) // A UUID has 32.
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::tests::Counting;

    fn instant(micros: i64) -> Instant {
        Instant::from_unix_micros(micros).unwrap()
    }

    #[test]
    fn an_id_made_later_sorts_later() {
        let entropy = Counting::default();
        let earlier = AccountId::generate(instant(1_700_000_000_000_000), &entropy);
        let later = AccountId::generate(instant(1_700_000_000_001_000), &entropy);
        assert!(earlier < later);
    }

    #[test]
    fn only_the_hyphenated_form_is_read() {
        let text = "0190b0c2-7c1e-7d3a-8f00-0123456789ab";
        assert_eq!(text.parse::<AgentId>().unwrap().to_string(), text);
        assert!(text.to_uppercase().parse::<AgentId>().is_ok());
        for other in ["", "0190b0c27c1e7d3a8f000123456789ab", "{0190b0c2-7c1e-7d3a-8f00-0123456789ab}", "1"] {
            assert_eq!(other.parse::<AgentId>(), Err(InvalidId), "{other}");
        }
    }

    #[test]
    fn only_32_digits_are_a_key_in_hexadecimal() {
        let id: KeyId = "0190b0c2-7c1e-7d3a-8f00-0123456789ab".parse().unwrap();
        assert_eq!(id.to_hex(), "0190b0c27c1e7d3a8f000123456789ab");
        assert_eq!(KeyId::from_hex(&id.to_hex()), Ok(id));
        for other in
            ["", "0190b0c2-7c1e-7d3a-8f00-0123456789ab", "0190B0C27C1E7D3A8F000123456789AB", "0190b0c2"]
        {
            assert_eq!(KeyId::from_hex(other), Err(InvalidId), "{other}");
        }
    }

    #[test]
    fn a_tenant_is_the_random_end_of_its_id() {
        let id: AccountId = "0190b0c2-7c1e-7d3a-8f00-0123456789ab".parse().unwrap();
        assert_eq!(id.tenant(), "0123456789ab");
    }
}
