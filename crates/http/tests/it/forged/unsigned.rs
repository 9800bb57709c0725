//! J1: tokens without a signature, or with an algorithm that is none.

use serde_json::{Value, json};

use super::corpus::Class;
use super::forge::{Forge, encode, object};

const NONE: [&str; 12] =
    ["none", "None", "NONE", "nOnE", "", " ", " none", "none ", "none\0", "null", "NoNe\n", "\u{ff4e}one"];

pub(super) fn classes(forge: &Forge) -> Vec<Class> {
    vec![
        Class::invalid("J1", "alg: none, in any spelling", forge.with_headers(forge.heads(nones()))),
        Class::invalid("J1", "alg: none and nothing else in the header", bare_nones(forge)),
        Class::invalid("J1", "alg is no text", forge.with_headers(forge.heads(not_texts()))),
        Class::invalid("J1", "no alg", forge.with_headers([without(forge, "alg")])),
        Class::invalid("J1", "the signature is left out", without_signature(forge)),
        Class::invalid("J1", "the signature is something else", other_signatures(forge)),
        Class::invalid("J1", "a part is missing", parts(forge)),
    ]
}

fn nones() -> impl Iterator<Item = Value> {
    NONE.into_iter().map(|none| json!({"alg": none}))
}

fn not_texts() -> [Value; 6] {
    [json!(null), json!(0), json!(false), json!([]), json!({}), json!(["none"])]
        .map(|alg| json!({"alg": alg}))
}

fn bare_nones(forge: &Forge) -> Vec<String> {
    let bare = |none: &str| {
        let header = encode(json!({"alg": none}).to_string());
        forge.real.iter().map(move |real| format!("{header}.{}.", real.payload)).collect::<Vec<_>>()
    };
    NONE.into_iter().flat_map(bare).collect()
}

/// The header of our own key without one of its members.
pub(super) fn without(forge: &Forge, member: &str) -> Value {
    let mut head = forge.own_head();
    object(&mut head).remove(member).expect("a member");
    head
}

fn without_signature(forge: &Forge) -> Vec<String> {
    let each = forge.real.iter().flat_map(|real| {
        let (header, payload) = (&real.header, &real.payload);
        [format!("{header}.{payload}."), format!("{header}.{payload}"), format!("{header}.{payload}..")]
    });
    each.collect()
}

fn other_signatures(forge: &Forge) -> Vec<String> {
    let noise: [u8; 64] = forge.noise();
    let each = forge.real.iter().flat_map(|real| {
        let length = super::forge::decode(&real.signature).len();
        let signatures = [
            encode(vec![0; length]),
            encode(vec![0xff; length]),
            encode(noise),
            encode(b"signature"),
            real.header.clone(),
            real.payload.clone(),
            "null".to_owned(),
            "0".to_owned(),
        ];
        signatures.map(|signature| format!("{}.{}.{signature}", real.header, real.payload))
    });
    each.collect()
}

fn parts(forge: &Forge) -> Vec<String> {
    let each = forge.real.iter().flat_map(|real| {
        let (header, payload, signature) = (&real.header, &real.payload, &real.signature);
        [
            header.clone(),
            payload.clone(),
            signature.clone(),
            format!("{header}."),
            format!("{header}.."),
            format!("..{signature}"),
            format!("{header}..{signature}"),
            format!(".{payload}.{signature}"),
            format!("{payload}.{signature}"),
            format!("{header}.{signature}"),
        ]
    });
    each.collect()
}
