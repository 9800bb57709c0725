//! J4: tokens that bring the key that verifies them, or say where it is to be had.

use serde_json::{Value, json};

use super::corpus::Class;
use super::forge::{Forge, encode, object, signed_by};

pub(super) fn classes(forge: &Forge) -> Vec<Class> {
    let brought = |members: Vec<Value>| with_and_without_kid(forge, members);
    let addresses = |member: &str| addresses(forge).into_iter().map(|to| json!({(member): to})).collect();
    let certificate = encode(forge.strangers.public_der());
    vec![
        Class::invalid(
            "J4",
            "jwk: the stranger's own key",
            brought(vec![json!({"jwk": forge.strangers.jwk("mine")})]),
        ),
        Class::invalid("J4", "jwk: our key", brought(ours(forge))),
        Class::invalid(
            "J4",
            "jwk: a shared secret",
            brought(vec![json!({"jwk": {"kty": "oct", "k": "AAAA"}})]),
        ),
        Class::invalid("J4", "jwk is no key", brought(no_keys())),
        Class::invalid("J4", "jku: where the stranger's keys are", brought(addresses("jku"))),
        Class::invalid("J4", "x5u: where the stranger's certificate is", brought(addresses("x5u"))),
        Class::invalid(
            "J4",
            "x5c: a certificate",
            brought(vec![json!({"x5c": [certificate]}), json!({"x5c": []}), json!({"x5c": "MIIB"})]),
        ),
        Class::invalid(
            "J4",
            "x5t: a certificate's digest",
            brought(vec![
                json!({"x5t": encode(forge.noise::<20>())}),
                json!({"x5t#S256": encode(forge.noise::<32>())}),
            ]),
        ),
    ]
}

/// The stranger's signature is good by the key that the token brings.
fn with_and_without_kid(forge: &Forge, members: Vec<Value>) -> Vec<String> {
    let mut heads = forge.heads(members);
    let nameless: Vec<_> = heads
        .iter()
        .cloned()
        .map(|mut head| {
            object(&mut head).remove("kid");
            head
        })
        .collect();
    heads.extend(nameless);
    let mut tokens = forge.with_headers(heads.iter().cloned());
    // With claims of the stranger's choice, too: the whole point of the attack.
    let mut claims = forge.real[0].claims.clone();
    claims["exp"] = json!(4_102_444_800_u64);
    let payload = encode(claims.to_string());
    let signed = heads.iter().map(|head| signed_by(&forge.strangers, &encode(head.to_string()), &payload));
    tokens.extend(signed);
    tokens
}

fn ours(forge: &Forge) -> Vec<Value> {
    let keys = forge.jwks["keys"].as_array().expect("keys");
    let mut members: Vec<_> = keys.iter().map(|key| json!({"jwk": key})).collect();
    members.push(json!({"jwk": forge.jwks}));
    members
}

fn no_keys() -> Vec<Value> {
    [json!(null), json!({}), json!([]), json!("AAAA"), json!(0)].map(|jwk| json!({"jwk": jwk})).into()
}

fn addresses(forge: &Forge) -> Vec<String> {
    let own = forge.address("");
    let host = own.trim_start_matches("http://");
    vec![
        forge.address("/.well-known/jwks.json"),
        forge.address("/key.pem"),
        format!("http://127.0.0.1:8080@{host}/jwks.json"),
        format!("http://127.0.0.1:8080/forward-auth?next={own}"),
        format!("//{host}/jwks.json"),
        "file:///dev/null".to_owned(),
        "data:application/json,%7B%22keys%22:[]%7D".to_owned(),
        "https://localhost/jwks.json#".to_owned(),
        String::new(),
    ]
}
