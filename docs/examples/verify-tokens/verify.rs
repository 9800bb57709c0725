//! Reads a token of Keyward from standard input and prints the account that it speaks for; exits with 1 if it is no good.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program of its own, which may print and be told"
)]

use std::error::Error;
use std::io::read_to_string;
use std::{env, io};

use jsonwebtoken::jwk::{JwkSet, KeyAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

/// What you need of a token. A claim without `Option` must be there.
#[derive(Deserialize)]
struct Claims {
    account_id: String,
}

/// The claims of a good token. `issuer` is the server's public URL: its tokens are from it, and for it.
fn verify(token: &str, keys: &JwkSet, issuer: &str) -> Result<Claims, Box<dyn Error>> {
    let header = decode_header(token)?;
    if header.typ.as_deref() != Some("at+jwt") {
        return Err("not an access token".into());
    }
    if header.crit.is_some() {
        return Err("an extension that nobody knows here".into()); // The library passes over it.
    }
    let key = header.kid.and_then(|kid| keys.find(&kid)).ok_or("signed with an unknown key")?;
    // Of the key, never of the token.
    let mut rules = Validation::new(match key.common.key_algorithm {
        Some(KeyAlgorithm::EdDSA) => Algorithm::EdDSA,
        Some(KeyAlgorithm::ES256) => Algorithm::ES256,
        Some(KeyAlgorithm::RS256) => Algorithm::RS256,
        _ => return Err("a key of another algorithm".into()),
    });
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[issuer]);
    rules.set_required_spec_claims(&["iss", "aud", "sub", "nbf", "exp"]);
    rules.validate_nbf = true;
    rules.leeway = 5; // Seconds by which clocks may differ.
    Ok(decode(token, &DecodingKey::from_jwk(key)?, &rules)?.claims)
}

fn main() -> Result<(), Box<dyn Error>> {
    let issuer = env::var("KEYWARD_URL")?;
    // A service keeps the keys for as long as their Cache-Control says, and fetches them anew when a token names one that
    // it has not seen, but not for every such token.
    let keys: JwkSet = ureq::get(format!("{issuer}/.well-known/jwks.json")).call()?.body_mut().read_json()?;
    let claims = verify(read_to_string(io::stdin())?.trim(), &keys, &issuer)?;
    println!("{}", claims.account_id);
    Ok(())
}
