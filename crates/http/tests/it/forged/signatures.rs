//! J12: signatures that are nearly good, by what is known of each algorithm.

use keyward_domain::tokens::SigningAlgorithm;

use super::corpus::Class;
use super::forge::{Forge, decode, encode};

/// The order of Ed25519's group (RFC 8032, section 5.1), as signatures write it: the least byte first.
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The order of P-256's group (FIPS 186-4, appendix D.1.2.3).
const N: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// A signature's forgeries.
type Change = fn(&[u8]) -> Vec<Vec<u8>>;

pub(super) fn classes(forge: &Forge) -> Vec<Class> {
    let (name, of_its_kind): (_, Change) = match forge.algorithm {
        SigningAlgorithm::EdDsa => ("EdDSA: R or S is moved", ed25519),
        SigningAlgorithm::Es256 => ("ES256: r or s is at an edge, or in DER", p256),
        SigningAlgorithm::Rs256 => ("RS256: the number is another", rsa),
    };
    vec![
        Class::invalid("J12", "a signature of another length", signed(forge, lengths)),
        Class::invalid("J12", name, signed(forge, of_its_kind)),
        Class::invalid("J12", "every bit of a signature's first and last bytes", signed(forge, edges)),
    ]
}

fn signed(forge: &Forge, change: Change) -> Vec<String> {
    let mut tokens = Vec::new();
    for real in &forge.real {
        let signature = decode(&real.signature);
        let others = change(&signature).into_iter().filter(|other| *other != signature);
        tokens.extend(others.map(|other| format!("{}.{}.{}", real.header, real.payload, encode(other))));
    }
    tokens
}

fn lengths(signature: &[u8]) -> Vec<Vec<u8>> {
    let whole = signature.len();
    let mut others: Vec<_> = [1, 2, whole / 2, whole - 1].map(|length| signature[..length].to_vec()).into();
    others.push(signature[1..].to_vec());
    for more in [1, 2, 32, whole] {
        others.push([signature, &vec![0; more]].concat());
        others.push([&vec![0; more], signature].concat());
    }
    others.push([signature, signature].concat());
    others
}

fn edges(signature: &[u8]) -> Vec<Vec<u8>> {
    let flip = |at: usize, bit: u32| {
        let mut other = signature.to_vec();
        other[at] ^= 1 << bit;
        other
    };
    let (half, last) = (signature.len() / 2, signature.len() - 1);
    [0, half - 1, half, last].into_iter().flat_map(|at| (0..8).map(move |bit| flip(at, bit))).collect()
}

fn ed25519(signature: &[u8]) -> Vec<Vec<u8>> {
    let (r, s) = signature.split_at(32);
    let identity = {
        let mut point = [0; 32];
        point[0] = 1;
        point
    };
    vec![
        [r, &sum(s, &L)].concat(), // RFC 8032, section 5.1.7: S below L, else a signature has several spellings.
        [r, &[0; 32]].concat(),
        [r, &L].concat(),
        [&identity[..], s].concat(),
        [&identity[..], &[0; 32]].concat(),
        [&[0; 32], s].concat(),
        [s, r].concat(),
        [r, r].concat(),
    ]
}

/// The sum of two numbers, the least byte first.
fn sum(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let each = one.iter().zip(other).map(|(one, other)| {
        let sum = u16::from(*one) + u16::from(*other) + carry;
        carry = sum >> 8;
        sum.to_le_bytes()[0]
    });
    each.collect()
}

fn p256(signature: &[u8]) -> Vec<Vec<u8>> {
    let (r, s) = signature.split_at(32);
    let zero = [0; 32];
    let one = {
        let mut number = [0; 32];
        number[31] = 1;
        number
    };
    let mut others = Vec::new();
    for edge in [&zero, &one, &N, &[0xff; 32]] {
        others.push([r, edge].concat());
        others.push([&edge[..], s].concat());
        others.push([&edge[..], edge].concat());
    }
    others.push([s, r].concat());
    others.push([r, r].concat());
    others.push(der(r, s));
    others
}

/// Two INTEGERs in a SEQUENCE (RFC 3279, section 2.2.3): what X.509 wants, and a JWS does not.
fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let start = number.iter().position(|byte| *byte != 0).unwrap_or(31);
        let sign: &[u8] = if number[start] >= 0x80 { &[0] } else { &[] };
        let body = [sign, &number[start..]].concat();
        [&[2, u8::try_from(body.len()).expect("a short number")], &body[..]].concat()
    };
    let both = [integer(r), integer(s)].concat();
    [&[0x30, u8::try_from(both.len()).expect("two short numbers")], &both[..]].concat()
}

fn rsa(signature: &[u8]) -> Vec<Vec<u8>> {
    let whole = signature.len();
    let number = |last: u8| [&vec![0; whole - 1][..], &[last]].concat();
    let mut reversed = signature.to_vec();
    reversed.reverse();
    // A message as PKCS #1 pads it, unsigned: good for an exponent of one.
    let padded = [&[0, 1][..], &vec![0xff; whole - 54], &[0], &[0x30; 51]].concat();
    vec![number(0), number(1), number(2), vec![0xff; whole], reversed, padded]
}
