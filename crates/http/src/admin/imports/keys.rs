//! `/admin/v1/imports/keys`: API keys of another system.

use actix_web::HttpResponse;
use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use keyward_domain::accounts::EmailAddress;
use keyward_domain::imports::{ForeignKeyRecord, Import, KeyOwner};
use keyward_domain::keys::KeyLabel;
use keyward_domain::scope::{Scope, Scopes};
use keyward_domain::secret::Digest;

use super::users::moment;
use super::wire::{ForeignHash, ForeignKeyLine, ImportKeys};
use super::{answer, mode, read};
use crate::admin::authority::admin;
use crate::admin::error::Error;
use crate::extract::{Body, Cx};

/// What Unkey calls SHA-256 in base64.
const SHA256_BASE64: &str = "sha256_base64";

pub(in crate::admin) async fn keys(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let actor = admin(&cx)?;
    let ImportKeys { dry_run, keys } = body.json()?;
    let (keys, report) = read("keys", keys, record)?;
    let (places, records): (Vec<usize>, Vec<ForeignKeyRecord>) = keys.into_iter().unzip();
    let import = Import { mode: mode(dry_run), actor: &actor, context: &cx.context() };
    let outcomes = cx.domain.imports.keys(&records, import).await?;
    Ok(answer(report, places.into_iter(), outcomes))
}

fn record(wire: ForeignKeyLine) -> Result<ForeignKeyRecord, String> {
    let label = wire.name.or(wire.start).unwrap_or_default();
    Ok(ForeignKeyRecord {
        owner: owner(wire.account.as_deref(), wire.email.as_deref())?,
        sha256: sha256(&wire.hash)?,
        label: KeyLabel::parse(&label).map_err(|why| format!("name {why}"))?,
        scopes: scopes(wire.scopes)?,
        expires_at: wire.expires_at.map(|text| moment("expires_at", &text)).transpose()?,
        enabled: wire.enabled.unwrap_or(true),
    })
}

fn owner(account: Option<&str>, email: Option<&str>) -> Result<KeyOwner, String> {
    match (account, email) {
        (Some(id), None) => {
            id.parse().map(KeyOwner::Account).map_err(|_| "account is no account's id".to_owned())
        }
        (None, Some(typed)) => {
            EmailAddress::parse(typed).map(KeyOwner::Address).map_err(|why| format!("email {why}"))
        }
        (None, None) => Err("account or email is required".to_owned()),
        (Some(_), Some(_)) => Err("account and email are given: one of them is needed".to_owned()),
    }
}

fn scopes(named: Option<Vec<String>>) -> Result<Scopes, String> {
    let Some(named) = named else {
        return Ok(Scopes::ALL);
    };
    if named.is_empty() {
        return Err("scopes is empty: a key without any right opens nothing, and without scopes it has all"
            .to_owned());
    }
    let read = named.iter().map(|name| name.parse::<Scope>());
    read.collect::<Result<Vec<_>, _>>()
        .map(Scopes::of)
        .map_err(|_| "scopes has one that is unknown".to_owned())
}

/// 64 hexadecimal digits, or base64 in either alphabet, padded or not.
fn sha256(hash: &ForeignHash) -> Result<Digest, String> {
    let text = match hash {
        ForeignHash::Text(text) => text.expose(),
        ForeignHash::Named { value, variant } if variant == SHA256_BASE64 => value.expose(),
        ForeignHash::Named { .. } => return Err("hash is of a variant that is not supported".to_owned()),
    };
    let bytes = if text.len() == 64 { from_hex(text) } else { from_base64(text) };
    bytes.map(Digest::new).ok_or_else(|| "hash is no SHA-256 in hex or base64".to_owned())
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    }
    text.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(bytes)
}

fn from_base64(text: &str) -> Option<[u8; 32]> {
    let bare = text.strip_suffix('=').unwrap_or(text); // 32 bytes are 43 digits and at most one `=`.
    let alphabet = if bare.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    GeneralPurpose::new(alphabet, NO_PAD).decode(bare).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of "abc" (FIPS 180-4).
    const HEX: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn read(text: &str) -> Option<String> {
        let hash = serde_json::from_value(serde_json::Value::from(text)).unwrap();
        sha256(&hash).ok().map(|digest| digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    #[test]
    fn a_digest_is_read_in_every_spelling_of_an_export() {
        let spellings = [
            HEX,
            &HEX.to_uppercase(),
            "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
            "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0",
            "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0",
            "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0=",
        ];
        for text in spellings {
            assert_eq!(read(text).as_deref(), Some(HEX), "{text}");
        }
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        let refused = [
            "",
            "abc",
            &HEX[1..],
            &format!("+{}", &HEX[1..]),
            &format!("{HEX}00"),
            "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0=",
            "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa1=",
            "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0==",
        ];
        for text in refused {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn no_key_is_imported_without_any_right() {
        assert_eq!(scopes(None), Ok(Scopes::ALL));
        assert_eq!(scopes(Some(vec!["account:read".to_owned()])), Ok(Scopes::of([Scope::AccountRead])));
        assert!(scopes(Some(Vec::new())).is_err());
        assert!(scopes(Some(vec!["everything".to_owned()])).is_err());
    }
}
