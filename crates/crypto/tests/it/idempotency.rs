//! The contract of the `IdempotencySealer` port, for the real one: two keys open what was sealed, one does not.

use std::sync::Arc;

use keyward_crypto::{DerivedSealer, OsEntropy, RootSecret};
use keyward_domain::idempotency::{IdempotencyKey, IdempotencySealer};
use keyward_domain::secret::{Sealer, Unsealable};
use keyward_testkit::entropy::SeededEntropy;

const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";
const PLAIN: &[u8] = b"ak_live_a_secret_that_was_shown_once";

fn root(seed: u64) -> RootSecret {
    RootSecret::generate(&SeededEntropy::new(seed))
}

fn sealer(seed: u64) -> DerivedSealer {
    root(seed).idempotency_sealer(Arc::new(OsEntropy))
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).unwrap()
}

#[test]
fn what_was_sealed_opens_with_both_keys_in_its_place() {
    for plain in [b"".as_slice(), PLAIN, &[0; 100_000]] {
        let sealed = sealer(1).seal(&key(KEY), plain, b"context");
        assert_eq!(sealer(1).open(&key(KEY), &sealed, b"context").unwrap().expose(), plain);
    }
}

#[test]
fn threat_k6_who_has_the_master_key_and_not_the_client_s_opens_nothing() {
    let sealed = sealer(1).seal(&key(KEY), PLAIN, b"context");
    let other = KEY.replace('8', "9");
    for text in ["1", &other, &KEY[1..], &format!("{KEY}0"), &KEY.to_uppercase()] {
        assert_eq!(sealer(1).open(&key(text), &sealed, b"context").unwrap_err(), Unsealable, "{text}");
    }
    // Nor does the deployment's own sealer, which seals everything else.
    let own = root(1).sealer(Arc::new(OsEntropy));
    assert_eq!(own.open(&sealed, b"context").unwrap_err(), Unsealable);
}

#[test]
fn threat_k6_who_has_the_client_s_key_and_not_the_master_key_opens_nothing() {
    let sealed = sealer(1).seal(&key(KEY), PLAIN, b"context");
    assert_eq!(sealer(2).open(&key(KEY), &sealed, b"context").unwrap_err(), Unsealable);
}

#[test]
fn threat_k4_an_outcome_opens_in_no_other_record_and_not_when_it_was_altered() {
    let sealed = sealer(1).seal(&key(KEY), PLAIN, b"one");
    for context in [b"two".as_slice(), b"", b"one "] {
        assert_eq!(sealer(1).open(&key(KEY), &sealed, context).unwrap_err(), Unsealable);
    }
    for position in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[position] ^= 1;
        assert_eq!(sealer(1).open(&key(KEY), &altered, b"one").unwrap_err(), Unsealable, "{position}");
        assert_eq!(sealer(1).open(&key(KEY), &sealed[..position], b"one").unwrap_err(), Unsealable);
    }
}

#[test]
fn threat_k3_what_is_sealed_shows_nothing_and_is_another_each_time() {
    let sealer = sealer(1);
    let [one, other] = [(); 2].map(|()| sealer.seal(&key(KEY), PLAIN, b"context"));
    assert_ne!(one, other);
    assert!(!one.windows(4).any(|window| PLAIN.windows(4).any(|part| part == window)));
}

#[test]
fn the_macs_that_find_records_are_the_deployment_s_own() {
    assert_eq!(sealer(1).mac(b"request"), sealer(1).mac(b"request"));
    assert_ne!(sealer(1).mac(b"request"), sealer(1).mac(b"requests"));
    assert_ne!(sealer(1).mac(b"request"), sealer(2).mac(b"request"));
}

#[test]
fn a_sealer_that_is_printed_says_nothing() {
    assert_eq!(format!("{:?}", sealer(1)), "DerivedSealer(…)");
}
