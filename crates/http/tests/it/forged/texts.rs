//! J11: texts that are no tokens, or not one, or too long for any.

use super::corpus::Class;
use super::forge::{Forge, encode};

pub(super) fn classes(forge: &Forge) -> Vec<Class> {
    vec![
        Class::invalid("J11", "no token at all", texts()),
        Class::invalid("J11", "nothing but dots", dots()),
        Class::invalid("J11", "of any length up to what is looked at", lengths(forge)),
        Class::invalid("J11", "longer than what is looked at", too_long(forge)),
        Class::invalid("J11", "a real token with something around it", around(forge)),
        Class::invalid("J11", "a real token with other dots", other_dots(forge)),
        Class::invalid("J11", "deep", deep(forge)),
        Class::invalid("J11", "noise", noise(forge)),
    ]
}

fn texts() -> Vec<String> {
    [
        "null",
        "undefined",
        "true",
        "0",
        "-1",
        "{}",
        "[]",
        "\"\"",
        "''",
        "a",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        "Bearer",
        "Bearer x",
        "' OR 1=1 --",
        "../../etc/passwd",
        "%00",
        "%2e%2e",
        "\\u0000",
        "<script>alert(1)</script>",
        "${jndi:ldap://x}",
        "密.密.密",
        "\u{202e}a.b.c",
        "é",
        "😀.😀.😀",
        "eyJ",
        "eyJ.eyJ.",
        "eyJ9.e30.",
        "e30.e30.e30",
        "bnVsbA.bnVsbA.bnVsbA",
        "=.=.=",
        "-._.~",
        "ak_live_",
        "v4.public.AAAA",
        "basic dXNlcjpwYXNz",
        "AAAA\tBBBB",
    ]
    .map(str::to_owned)
    .into()
}

fn dots() -> Vec<String> {
    [1, 2, 3, 4, 5, 10, 100, 1_000, 8_000].map(|count| ".".repeat(count)).into()
}

/// With the right header, so that they come as far as they can.
fn lengths(forge: &Forge) -> Vec<String> {
    let header = &forge.real[0].header;
    let each = (0..13).flat_map(|power| {
        let long = "A".repeat(1 << power);
        [format!("{header}.{long}.{long}"), format!("{long}.{long}.{long}"), long]
    });
    each.filter(|text| text.len() <= 8_192).collect()
}

/// One of them our own key has signed, with claims that are good but for the room that they take.
fn too_long(forge: &Forge) -> Vec<String> {
    let real = &forge.real[0];
    let roomy = real.claims.to_string().replacen('{', &format!("{{{}", " ".repeat(6_100)), 1);
    let mut tokens: Vec<_> = [8_193, 16_384, 65_536, 1_000_000].map(|length| "a".repeat(length)).into();
    tokens.extend([100_000, 1_000_000].map(|count| "a.".repeat(count)));
    tokens.extend([100_000].map(|count| format!("{}.{}.{}", real.header, "A".repeat(count), real.signature)));
    tokens.extend([100_000].map(|count| format!("{}.{}.{}", real.header, real.payload, "A".repeat(count))));
    tokens.push(forge.own_bytes(roomy));
    assert!(tokens.iter().all(|token| token.len() > 8_192));
    tokens
}

fn around(forge: &Forge) -> Vec<String> {
    let each = forge.real.iter().flat_map(|real| {
        let text = &real.text;
        [
            format!("\"{text}\""),
            format!("'{text}'"),
            format!("<{text}>"),
            format!("Bearer {text}"),
            format!("bearer={text}"),
            format!("{text}."),
            format!(".{text}"),
            format!("{text}.{}", real.signature),
            format!("{}.{text}", real.header),
            format!("{text},"),
            format!("{text};"),
            format!("{text}%00"),
            format!("{text}\u{a0}"),
            format!("\u{feff}{text}"),
            format!("{text}?x"),
            format!("{text}#"),
            format!("jwt:{text}"),
            encode(text),
        ]
    });
    each.collect()
}

fn other_dots(forge: &Forge) -> Vec<String> {
    let dots = ["", "..", " . ", ". ", " .", "%2e", ":", ",", "/", "|", "\u{3002}", "\u{ff0e}", ".\u{200b}"];
    let each = forge.real.iter().flat_map(|real| dots.map(|dot| real.text.replace('.', dot)));
    each.collect()
}

fn deep(forge: &Forge) -> Vec<String> {
    let deep = [10, 100, 1_000, 2_000].map(|depth| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let objects = format!("{}0{}", "{\"a\":".repeat(depth / 4), "}".repeat(depth / 4));
        [encode(format!("{open}{close}")), encode(objects)]
    });
    let each = deep.into_iter().flatten().flat_map(|deep| {
        let real = &forge.real[0];
        [
            format!("{deep}.{}.{}", real.payload, real.signature),
            format!("{}.{deep}.{}", real.header, real.signature),
        ]
    });
    each.collect()
}

fn noise(forge: &Forge) -> Vec<String> {
    let each = (0..40).flat_map(|_| {
        let parts = [encode(forge.noise::<40>()), encode(forge.noise::<90>()), encode(forge.noise::<64>())];
        let letters: String = forge.noise::<60>().iter().map(|byte| char::from(byte % 94 + 33)).collect();
        [parts.join("."), format!("{}.{}.{}", forge.real[0].header, parts[1], parts[2]), letters]
    });
    each.collect()
}
