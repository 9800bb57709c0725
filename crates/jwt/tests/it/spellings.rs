//! Texts that are no tokens, and other spellings of those that are. All of them are `Invalid`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use keyward_domain::tokens::SigningAlgorithm;

use crate::fixture::{Fixture, all_invalid, decode, encode};

#[tokio::test]
async fn threat_j11_what_is_no_token_at_all_is_refused() {
    let ring = Fixture::ring().await;
    let good = ring.text(SigningAlgorithm::EdDsa);
    let [header, payload, signature] = ring.parts(SigningAlgorithm::EdDsa);
    let spaced = |separator: &str| [&*header, &payload, &signature].join(separator);
    all_invalid(
        &ring,
        ["", ".", "..", "...", " ", "\0", "null", "{}", "Bearer", "密.密.密", "\u{202e}a.b.c", "ÿþ", "a.b.c"],
    );
    all_invalid(&ring, [&header, &payload, &signature]);
    all_invalid(
        &ring,
        [format!("{good}."), format!(".{good}"), format!("{good}.{signature}"), format!("{header}.{good}")],
    );
    all_invalid(
        &ring,
        [
            format!(" {good}"),
            format!("{good}\n"),
            format!("{good}\0"),
            format!("Bearer {good}"),
            format!("{good} {good}"),
        ],
    );
    all_invalid(&ring, [spaced(""), spaced(". "), spaced(".."), spaced("%2e"), spaced("。")]);
    all_invalid(
        &ring,
        [".".repeat(100_000), "a".repeat(10_000_000), "a.".repeat(50_000), "密".repeat(100_000)],
    );
}

#[tokio::test]
async fn threat_j11_8_kib_is_the_longest_token() {
    let ring = Fixture::ring().await;
    let spaces_then_claims = |spaces: usize| {
        let claims = ring.claims().to_string();
        ring.with_payload(format!("{{{}{}", " ".repeat(spaces), claims.trim_start_matches('{')))
    };
    let longest = (5_000..6_000).map(spaces_then_claims).rfind(|text| text.len() <= 8_192).unwrap();
    let too_long = (5_000..6_000).map(spaces_then_claims).find(|text| text.len() > 8_192).unwrap();
    assert!(longest.len() > 8_188 && too_long.len() < 8_196);
    assert_eq!(ring.verify(&longest), Ok(ring.token()));
    all_invalid(&ring, [too_long]);
}

#[tokio::test]
async fn threat_j12_no_other_spelling_of_a_token_is_one() {
    let ring = Fixture::ring().await;
    for &algorithm in SigningAlgorithm::ALL {
        let text = ring.text(algorithm);
        let bytes = text.as_bytes();
        for position in 0..bytes.len() {
            for bit in 0..7 {
                let mut flipped = bytes.to_vec();
                flipped[position] ^= 1 << bit;
                all_invalid(&ring, [String::from_utf8(flipped).unwrap()]);
            }
        }
        for length in 0..text.len() {
            all_invalid(&ring, [&text[..length]]);
        }
    }
}

#[tokio::test]
async fn threat_j12_padding_spare_bits_and_the_other_alphabet_are_refused() {
    let ring = Fixture::ring().await;
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for &algorithm in SigningAlgorithm::ALL {
        let [header, payload, signature] = ring.parts(algorithm);
        let message = format!("{header}.{payload}");
        all_invalid(
            &ring,
            [format!("{message}.{}", URL_SAFE.encode(decode(&signature))), format!("{message}.{signature}=")],
        );
        // The last of 86 or 342 characters has four spare bits: all but zeros are refused.
        let (rest, last) = signature.split_at(signature.len() - 1);
        let index = alphabet.find(last).unwrap();
        let spare = alphabet[index + 1..index + 16].chars();
        all_invalid(&ring, spare.map(|last| format!("{message}.{rest}{last}")));
    }
    // An RSA signature without any of the four characters in which the alphabets differ is one in 10,000.
    let [header, payload, signature] = ring.parts(SigningAlgorithm::Rs256);
    let standard = signature.replace('-', "+").replace('_', "/");
    assert_ne!(standard, signature);
    all_invalid(&ring, [format!("{header}.{payload}.{standard}")]);
}

#[tokio::test]
async fn threat_j12_a_signed_payload_in_another_spelling_is_refused() {
    let ring = Fixture::ring().await;
    let [header, ..] = ring.parts(SigningAlgorithm::EdDsa);
    let signed = |payload: &str| ring.sign(SigningAlgorithm::EdDsa, &header, payload);
    // Some number of spaces makes it a length at which two characters of padding and four spare bits are left.
    let claims = ring.claims().to_string();
    let json = (0..3).map(|spaces| claims.replacen('{', &format!("{{{}", " ".repeat(spaces)), 1));
    let payload = encode(json.into_iter().find(|json| json.len() % 3 == 1).unwrap());
    assert_eq!(ring.verify(&signed(&payload)), Ok(ring.token()));
    let rest = payload.strip_suffix('Q').unwrap(); // The end of "}".
    for other in [
        format!("{payload}=="),
        format!("{payload}="),
        format!("{payload}\n"),
        format!("{rest}R"),
        format!("{rest}f"),
    ] {
        all_invalid(&ring, [signed(&other)]);
    }
}

#[tokio::test]
async fn threat_j12_a_signature_of_another_length_is_refused() {
    let ring = Fixture::ring().await;
    for &algorithm in SigningAlgorithm::ALL {
        let [header, payload, signature] = ring.parts(algorithm);
        let raw = decode(&signature);
        let zeros = vec![0; raw.len()];
        let doubled = [raw.clone(), raw.clone()].concat();
        for other in
            [&raw[1..], &raw[..raw.len() - 1], &[raw.as_slice(), &[0]].concat(), &zeros, &doubled, &[]]
        {
            all_invalid(&ring, [format!("{header}.{payload}.{}", encode(other))]);
        }
        // A stranger's key of the same kind.
        let strangers = Fixture::ring().await;
        let theirs = strangers.keys[&algorithm].pair.sign(format!("{header}.{payload}"));
        all_invalid(&ring, [format!("{header}.{payload}.{}", encode(theirs)), strangers.text(algorithm)]);
    }
}

/// ECDSA gives each signature a twin that is as good (FIPS 186-4 asks for neither one), so the bytes of a token do not name
/// it: its `jti` does, and that is the same. What has ended one spelling has ended the other.
#[tokio::test]
async fn threat_j12_the_twin_of_an_ecdsa_signature_makes_the_same_token() {
    let ring = Fixture::ring().await;
    let [header, payload, signature] = ring.parts(SigningAlgorithm::Es256);
    let raw = decode(&signature);
    let (r, s) = raw.split_at(32);
    let twin = format!("{header}.{payload}.{}", encode([r, &difference(&P256_ORDER, s)].concat()));
    assert_ne!(twin, format!("{header}.{payload}.{signature}"));
    assert_eq!(ring.verify(&twin), Ok(ring.token()));
}

/// FIPS 186-4, appendix D.1.2.3.
const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// One number less another, the greatest byte first.
fn difference(from: &[u8], number: &[u8]) -> Vec<u8> {
    let mut borrowed = 0;
    let mut digits: Vec<u8> = from
        .iter()
        .zip(number)
        .rev()
        .map(|(from, number)| {
            let digit = i16::from(*from) - i16::from(*number) - borrowed;
            borrowed = i16::from(digit < 0);
            digit.rem_euclid(256).to_le_bytes()[0]
        })
        .collect();
    digits.reverse();
    digits
}
