//! What is asked of keys, into domain commands.

use std::time::Duration;

use keyward_domain::ids::KeyId;
use keyward_domain::keys::{CreateKey, Grace, KeyLabel, KeyPrefix, KeyPrefixes, KeyPurpose};
use keyward_domain::scope::{Scope, Scopes};
use keyward_domain::time::Instant;

use super::super::error::Error;
use super::super::{KEY_ID, SCOPES, wire};

/// What this dialect's keys begin with.
pub(in super::super) const KEYS: KeyPrefixes =
    KeyPrefixes { live: KeyPrefix::from_static("atf_live_"), sandbox: KeyPrefix::from_static("atf_test_") };

/// For how long a key that ends by itself may be good: ten years.
const LONGEST_SECONDS: u64 = 315_360_000;

pub(in super::super) fn create_key(wire: wire::CreateKey, now: Instant) -> Result<CreateKey, Error> {
    let label = wire.label.as_deref().map(KeyLabel::parse).transpose();
    let purpose = wire.purpose.as_deref().map(purpose).transpose()?.unwrap_or(KeyPurpose::General);
    Ok(CreateKey {
        label: label.map_err(|why| Error::invalid("label", why))?.unwrap_or_default(),
        scopes: scopes(&wire.scopes.unwrap_or_default())?,
        purpose,
        expires_at: wire.expires_in.map(lifetime).transpose()?.map(|lifetime| now.saturating_add(lifetime)),
        prefixes: KEYS,
    })
}

pub(in super::super) fn grace(wire: &wire::RotateKey) -> Result<Grace, Error> {
    let seconds = wire.grace_seconds.unwrap_or_default();
    Grace::from_seconds(seconds).map_err(|why| Error::invalid("grace_seconds", why))
}

/// The id as this vendor writes it; `None` for a text that is none.
pub(in super::super) fn key_id(text: &str) -> Option<KeyId> {
    KeyId::from_hex(text.strip_prefix(KEY_ID)?).ok()
}

fn purpose(text: &str) -> Result<KeyPurpose, Error> {
    match text {
        "api" => Ok(KeyPurpose::Api),
        "bot" => Ok(KeyPurpose::Bot),
        "mcp" => Ok(KeyPurpose::Mcp),
        _ => Err(Error::invalid("purpose", "is none of api, bot and mcp")),
    }
}

/// None at all are all rights.
fn scopes(names: &[String]) -> Result<Scopes, Error> {
    if names.is_empty() {
        return Ok(Scopes::ALL);
    }
    let known = |name: &String| SCOPES.into_iter().find(|scope| scope.as_str() == name);
    let scopes: Option<Vec<Scope>> = names.iter().map(known).collect();
    scopes.map(Scopes::of).ok_or_else(|| Error::invalid("scopes", "has one that is unknown"))
}

fn lifetime(seconds: u64) -> Result<Duration, Error> {
    if (1..=LONGEST_SECONDS).contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err(Error::invalid("expires_in", format!("is not a number of seconds from 1 to {LONGEST_SECONDS}")))
    }
}
