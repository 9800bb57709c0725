//! J12: real tokens in other bytes. Each token has one spelling.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE};

use super::corpus::Class;
use super::forge::{Forge, Token, decode, encode};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// How many places of each real token are tried.
const PLACES: usize = 20;

pub(super) fn classes(forge: &Forge) -> Vec<Class> {
    vec![
        Class::invalid("J12", "padded", padded(forge)),
        Class::invalid("J12", "in the other alphabet", in_the_other_alphabet(forge)),
        Class::invalid("J12", "with spare bits", with_spare_bits(forge)),
        Class::invalid("J12", "in another encoding", in_other_encodings(forge)),
        Class::invalid("J12", "a bit is flipped", at_places(forge, flipped)),
        Class::invalid("J12", "a character is another", at_places(forge, replaced)),
        Class::invalid("J12", "a character is left out", at_places(forge, left_out)),
        Class::invalid("J12", "a character is put in", at_places(forge, put_in)),
        Class::invalid("J12", "two characters change places", at_places(forge, exchanged)),
        Class::invalid("J12", "a letter in the other case", at_places(forge, cased)),
        Class::invalid("J12", "cut short", at_places(forge, |text, at, _| text[..at].to_vec())),
        Class::invalid("J12", "the parts in another order", in_other_orders(forge)),
        Class::invalid("J12", "a payload of ours that is spelled otherwise", other_payloads(forge)),
    ]
}

/// Each of the three parts in another spelling, where that is another text.
fn respelled(forge: &Forge, spell: impl Fn(&str) -> String) -> Vec<String> {
    let mut tokens = Vec::new();
    for real in &forge.real {
        let Token { header, payload, signature, .. } = real;
        tokens.push(format!("{}.{payload}.{signature}", spell(header)));
        tokens.push(format!("{header}.{}.{signature}", spell(payload)));
        tokens.push(format!("{header}.{payload}.{}", spell(signature)));
        tokens.push(format!("{}.{}.{}", spell(header), spell(payload), spell(signature)));
    }
    tokens.retain(|token| forge.real.iter().all(|real| real.text != *token));
    tokens.sort();
    tokens.dedup();
    tokens
}

fn padded(forge: &Forge) -> Vec<String> {
    let mut tokens = respelled(forge, |part| BASE64_URL_SAFE.encode(decode(part)));
    for padding in ["=", "==", "==="] {
        tokens.extend(respelled(forge, |part| format!("{part}{padding}")));
    }
    tokens.sort();
    tokens.dedup();
    tokens
}

fn in_the_other_alphabet(forge: &Forge) -> Vec<String> {
    let mut tokens = respelled(forge, |part| BASE64_STANDARD_NO_PAD.encode(decode(part)));
    tokens.extend(respelled(forge, |part| part.replace('A', "+")));
    tokens.extend(respelled(forge, |part| part.replace('A', "/")));
    tokens
}

/// The last character of a part may have two or four bits that stand for nothing.
fn with_spare_bits(forge: &Forge) -> Vec<String> {
    let mut tokens = Vec::new();
    for real in &forge.real {
        for (number, part) in [&real.header, &real.payload, &real.signature].into_iter().enumerate() {
            let spare = match part.len() % 4 {
                2 => 16,
                3 => 4,
                _ => continue,
            };
            let (rest, last) = part.split_at(part.len() - 1);
            let index = ALPHABET.iter().position(|letter| *letter == last.as_bytes()[0]).expect("a letter");
            for bits in 1..spare {
                let mut parts = [real.header.clone(), real.payload.clone(), real.signature.clone()];
                parts[number] = format!("{rest}{}", char::from(ALPHABET[index + bits]));
                tokens.push(parts.join("."));
            }
        }
    }
    tokens
}

fn in_other_encodings(forge: &Forge) -> Vec<String> {
    let hex = |part: &str| decode(part).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let percent = |part: &str| part.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let mut tokens = respelled(forge, hex);
    tokens.extend(respelled(forge, percent));
    tokens.extend(respelled(forge, |part| encode(part)));
    tokens.extend(respelled(forge, |part| part.chars().rev().collect()));
    tokens.extend(respelled(forge, |part| format!("{part}\u{200b}")));
    tokens
}

/// A change at some places of each real token.
fn at_places(forge: &Forge, change: fn(&[u8], usize, u8) -> Vec<u8>) -> Vec<String> {
    let mut tokens = Vec::new();
    for real in &forge.real {
        let text = real.text.as_bytes();
        for _ in 0..PLACES {
            let (at, letter) = (forge.draw(text.len() - 1), ALPHABET[forge.draw(64)]);
            let changed = String::from_utf8(change(text, at, letter)).expect("ASCII");
            // What a header cannot carry is refused before anybody looks at it, as are spaces at the ends.
            let can_be_sent = changed.bytes().all(|byte| (33..127).contains(&byte));
            if changed != real.text && can_be_sent && !changed.is_empty() {
                tokens.push(changed);
            }
        }
    }
    tokens.sort();
    tokens.dedup();
    tokens
}

fn flipped(text: &[u8], at: usize, letter: u8) -> Vec<u8> {
    let mut text = text.to_vec();
    text[at] ^= 1 << (letter % 7);
    text
}

fn replaced(text: &[u8], at: usize, letter: u8) -> Vec<u8> {
    let mut text = text.to_vec();
    text[at] = letter;
    text
}

fn left_out(text: &[u8], at: usize, _: u8) -> Vec<u8> {
    [&text[..at], &text[at + 1..]].concat()
}

fn put_in(text: &[u8], at: usize, letter: u8) -> Vec<u8> {
    [&text[..at], &[letter], &text[at..]].concat()
}

fn exchanged(text: &[u8], at: usize, _: u8) -> Vec<u8> {
    let mut text = text.to_vec();
    text.swap(at, at + 1);
    text
}

fn cased(text: &[u8], at: usize, _: u8) -> Vec<u8> {
    let mut text = text.to_vec();
    if text[at].is_ascii_alphabetic() {
        text[at] ^= 0x20;
    }
    text
}

fn in_other_orders(forge: &Forge) -> Vec<String> {
    let each = forge.real.iter().flat_map(|real| {
        let Token { header, payload, signature, .. } = real;
        [
            format!("{header}.{signature}.{payload}"),
            format!("{payload}.{header}.{signature}"),
            format!("{payload}.{signature}.{header}"),
            format!("{signature}.{header}.{payload}"),
            format!("{signature}.{payload}.{header}"),
            format!("{header}.{header}.{signature}"),
            format!("{payload}.{payload}.{signature}"),
        ]
    });
    each.collect()
}

/// Signed as they stand: the signature is good, the payload is not base64url without padding.
fn other_payloads(forge: &Forge) -> Vec<String> {
    let header = encode(forge.own_head().to_string());
    let json = forge.real[0].claims.to_string();
    // Of a length that leaves two characters of padding and four spare bits.
    let spaced = (0..3).map(|spaces| json.replacen('{', &format!("{{{}", " ".repeat(spaces)), 1));
    let payload = encode(spaced.into_iter().find(|json| json.len() % 3 == 1).expect("one of three"));
    let rest = &payload[..payload.len() - 1];
    let others = [
        format!("{payload}="),
        format!("{payload}=="),
        format!("{rest}R"),
        format!("{rest}f"),
        format!("{payload}\t"),
        format!(" {payload}"),
        format!("{payload}."),
        format!("{payload}%3D%3D"),
        json,
    ];
    others.iter().map(|other| forge.own_signed(&header, other)).collect()
}
