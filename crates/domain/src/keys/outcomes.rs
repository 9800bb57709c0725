//! How what came of issuing keys is sealed for repetitions.

use super::{
    ApiKey, Generation, IssuedAccountKey, IssuedKey, KeyBinding, KeyHandle, KeyLabel, KeyPrefix, KeyState,
    RotatedKey,
};
use crate::idempotency::{OutcomeReader, OutcomeWriter, Repeatable};
use crate::scope::{Scope, Scopes};
use crate::secret::{Digest, Secret};
use crate::time::Instant;

impl Repeatable for IssuedKey {
    const SHAPE: &'static str = "issued_key 1";

    fn write(&self, parts: &mut OutcomeWriter) {
        let key = &self.key;
        parts.part(&key.id);
        parts.part(&key.handle.as_str());
        parts.part(&key.prefix);
        parts.part(&key.account);
        parts.optional(key.binding.agent().as_ref().map(|id| id as _));
        let login_verifier = match key.binding {
            KeyBinding::Account { login_verifier } => login_verifier.map(Digest::to_hex),
            KeyBinding::Agent(_) => None,
        };
        parts.optional(login_verifier.as_ref().map(|digest| digest as _));
        parts.part(&key.environment);
        parts.part(&key.verifier.to_hex());
        parts.part(&key.label);
        let scopes =
            key.scopes.listed().map(|scopes| scopes.map(Scope::as_str).collect::<Vec<_>>().join(" "));
        parts.optional(scopes.as_ref().map(|text| text as _));
        parts.part(&key.purpose);
        let expires_at = key.expires_at.map(Instant::unix_micros);
        parts.optional(expires_at.as_ref().map(|micros| micros as _));
        parts.part(&key.created_at.unix_micros());
        parts.part(self.text.expose());
    }

    /// A fresh key: nothing was done to it yet.
    fn read(parts: &mut OutcomeReader<'_>) -> Option<Self> {
        let key = ApiKey {
            id: parts.part()?,
            handle: KeyHandle::parse(parts.text()?).ok()?,
            prefix: KeyPrefix::parse(parts.text()?).ok()?,
            account: parts.part()?,
            binding: read_binding(parts)?,
            environment: parts.part()?,
            verifier: Digest::from_hex(parts.text()?)?,
            generation: Generation::FIRST,
            state: KeyState::Active,
            label: KeyLabel::parse(parts.text()?).ok()?,
            scopes: read_scopes(parts.optional_text()?)?,
            purpose: parts.part()?,
            expires_at: parts.optional()?.map(Instant::from_unix_micros).transpose().ok()?,
            created_at: Instant::from_unix_micros(parts.part()?).ok()?,
            last_used_at: None,
        };
        Some(Self { key, text: Secret::new(parts.part()?) })
    }
}

impl Repeatable for IssuedAccountKey {
    const SHAPE: &'static str = "issued_account_key 1";

    fn write(&self, parts: &mut OutcomeWriter) {
        self.issued.write(parts);
        parts.optional(self.login_secret.as_ref().map(|secret| secret.expose() as _));
    }

    fn read(parts: &mut OutcomeReader<'_>) -> Option<Self> {
        let issued = IssuedKey::read(parts)?;
        Some(Self { issued, login_secret: parts.optional()?.map(Secret::new) })
    }
}

impl Repeatable for RotatedKey {
    const SHAPE: &'static str = "rotated_key 1";

    fn write(&self, parts: &mut OutcomeWriter) {
        self.issued.write(parts);
        parts.part(&self.from);
    }

    fn read(parts: &mut OutcomeReader<'_>) -> Option<Self> {
        Some(Self { issued: IssuedKey::read(parts)?, from: parts.part()? })
    }
}

fn read_binding(parts: &mut OutcomeReader<'_>) -> Option<KeyBinding> {
    let agent = parts.optional()?;
    let login_verifier = match parts.optional_text()? {
        Some(text) => Some(Digest::from_hex(text)?),
        None => None,
    };
    Some(agent.map_or(KeyBinding::Account { login_verifier }, KeyBinding::Agent))
}

fn read_scopes(text: Option<&str>) -> Option<Scopes> {
    let Some(text) = text else {
        return Some(Scopes::ALL);
    };
    let scopes: Result<Vec<Scope>, _> = text.split_ascii_whitespace().map(str::parse).collect();
    scopes.ok().map(Scopes::of)
}
