//! What stands in a token's payload: the one list of claims, for writing and for reading.
//!
//! Every claim is optional here, so that a missing one is told apart from a wrong one. Security: times are whole
//! numbers (CVE-2026-25537 was a time of another type that counted as none), and a repeated or unknown claim is
//! an error.

use std::borrow::Cow;
use std::str::FromStr;
use std::time::Duration;

use keyward_domain::accounts::Epoch;
use keyward_domain::keys::Generation;
use keyward_domain::time::Instant;
use keyward_domain::tokens::{AccessToken, AccountStamp, AgentStamp, KeyStamp, SubjectForm, TokenRejected};
use serde::{Deserialize, Serialize};

/// By how much the clocks of two nodes may differ.
const LEEWAY: Duration = Duration::from_secs(5);

/// The claims. What each of them means stands on the crate's first page.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JwtClaims<'a> {
    #[serde(borrow)]
    iss: Option<Text<'a>>,
    #[serde(borrow)]
    aud: Option<Text<'a>>,
    #[serde(borrow)]
    sub: Option<Text<'a>>,
    iat: Option<u64>,
    nbf: Option<u64>,
    exp: Option<u64>,
    #[serde(borrow)]
    jti: Option<Text<'a>>,
    #[serde(borrow)]
    env: Option<Text<'a>>,
    #[serde(borrow)]
    account_id: Option<Text<'a>>,
    account_epoch: Option<u32>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    agent_id: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_epoch: Option<u32>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    key_id: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_generation: Option<u32>,
}

/// From when until when a token is good, apart from the leeway.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    expires_at: Instant,
    /// The later one of `nbf` and `iat`.
    begins_at: Instant,
}

impl Times {
    /// Whether this is the time for the token.
    pub(crate) fn check(self, now: Instant) -> Result<(), TokenRejected> {
        check_end(self.expires_at, now)?;
        if self.begins_at > now.saturating_add(LEEWAY) {
            return Err(TokenRejected::Invalid);
        }
        Ok(())
    }
}

/// RFC 7519, section 4.1.4: the current time must be before `exp`.
fn check_end(expires_at: Instant, now: Instant) -> Result<(), TokenRejected> {
    if now < expires_at.saturating_add(LEEWAY) { Ok(()) } else { Err(TokenRejected::Expired) }
}

/// A claim's text where it stands in the payload; a copy of it only if it is written with escapes.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl<'a> JwtClaims<'a> {
    /// The claims of a token.
    pub(crate) fn of(token: &AccessToken, issuer: &'a str) -> Self {
        let issued_at = Some(seconds(token.issued_at));
        Self {
            iss: Some(issuer.into()),
            aud: Some(issuer.into()),
            sub: Some(token.subject_text().into()),
            iat: issued_at,
            nbf: issued_at,
            exp: Some(seconds(token.expires_at)),
            jti: Some(token.id.to_string().into()),
            env: Some(token.environment.as_str().into()),
            account_id: Some(token.account.id.to_string().into()),
            account_epoch: Some(token.account.epoch.number()),
            agent_id: token.agent.map(|agent| agent.id.to_string().into()),
            agent_epoch: token.agent.map(|agent| agent.epoch.number()),
            key_id: token.key.map(|key| key.id.to_string().into()),
            key_generation: token.key.map(|key| key.generation.number()),
        }
    }

    /// The payload.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default() // Unreachable: texts and numbers always serialize.
    }

    /// Reads a payload: one JSON object with claims that we know, each once and of its type.
    pub(crate) fn parse(json: &'a [u8]) -> Result<Self, TokenRejected> {
        if !json.starts_with(b"{") {
            return Err(TokenRejected::Invalid); // The parser would take an array of values in this order.
        }
        serde_json::from_slice(json).map_err(|_| TokenRejected::Invalid)
    }

    /// The token's times, if this is the time for it.
    pub(crate) fn check_times(&self, now: Instant) -> Result<Times, TokenRejected> {
        let [exp, nbf, iat] = [self.exp, self.nbf, self.iat].map(instant);
        let expires_at = exp?;
        check_end(expires_at, now)?;
        let times = Times { expires_at, begins_at: nbf?.max(iat?) };
        times.check(now)?;
        Ok(times)
    }

    /// The token that says this, if it is one of `issuer`'s for `issuer`.
    pub(crate) fn into_token(self, issuer: &str) -> Result<AccessToken, TokenRejected> {
        let account = required(self.account_id)?;
        for claim in [self.iss, self.aud] {
            if required(claim)?.0 != issuer {
                return Err(TokenRejected::Invalid);
            }
        }
        let named = required(self.sub)?;
        let subject = if named.0 == account.0 { SubjectForm::Account } else { SubjectForm::OrganizationKey };
        let agent = pair(self.agent_id, self.agent_epoch)?;
        let key = pair(self.key_id, self.key_generation)?;
        let token = AccessToken {
            id: read(&required(self.jti)?)?,
            account: AccountStamp { id: read(&account)?, epoch: Epoch::new(required(self.account_epoch)?) },
            agent: agent.map(|(id, epoch)| AgentStamp { id, epoch: Epoch::new(epoch) }),
            key: key.map(|(id, number)| KeyStamp { id, generation: Generation::new(number) }),
            subject,
            environment: read(&required(self.env)?)?,
            issued_at: instant(self.iat)?,
            expires_at: instant(self.exp)?,
        };
        // It names what the other claims name, in one of the forms in which we write it.
        if named.0 == token.subject_text() { Ok(token) } else { Err(TokenRejected::Invalid) }
    }
}

/// A NumericDate (RFC 7519, section 2). No token of ours is older than 1970.
fn seconds(moment: Instant) -> u64 {
    u64::try_from(moment.unix_seconds()).unwrap_or(0)
}

fn instant(seconds: Option<u64>) -> Result<Instant, TokenRejected> {
    let seconds = i64::try_from(required(seconds)?).map_err(|_| TokenRejected::Invalid)?;
    Instant::from_unix_micros(seconds.saturating_mul(1_000_000)).map_err(|_| TokenRejected::Invalid)
}

fn required<T>(claim: Option<T>) -> Result<T, TokenRejected> {
    claim.ok_or(TokenRejected::MissingClaim)
}

fn read<T: FromStr>(text: &Text<'_>) -> Result<T, TokenRejected> {
    text.0.parse().map_err(|_| TokenRejected::Invalid)
}

/// Both of two claims, or neither.
fn pair<T: FromStr>(id: Option<Text<'_>>, number: Option<u32>) -> Result<Option<(T, u32)>, TokenRejected> {
    match (id, number) {
        (None, None) => Ok(None),
        (Some(id), Some(number)) => Ok(Some((read(&id)?, number))),
        (None, Some(_)) | (Some(_), None) => Err(TokenRejected::MissingClaim),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_a_payload_copies_no_text() {
        let names = ["iss", "aud", "sub", "jti", "env", "account_id", "agent_id", "key_id"];
        let json = format!("{{{}}}", names.map(|name| format!("\"{name}\":\"text\"")).join(","));
        let claims = JwtClaims::parse(json.as_bytes()).unwrap();
        let texts = [
            claims.iss,
            claims.aud,
            claims.sub,
            claims.jti,
            claims.env,
            claims.account_id,
            claims.agent_id,
            claims.key_id,
        ];
        for text in texts {
            assert!(matches!(text, Some(Text(Cow::Borrowed(_)))), "{text:?}");
        }
    }
}
