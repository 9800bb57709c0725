//! The contract of the `Sealer` port, for the real one.

use std::sync::Arc;

use keyward_crypto::{AeadSealer, OsEntropy, RootSecret};
use keyward_domain::secret::{Sealer, Unsealable};
use keyward_testkit::entropy::SeededEntropy;

fn sealer(seed: u64) -> AeadSealer {
    RootSecret::generate(&SeededEntropy::new(seed)).sealer(Arc::new(OsEntropy))
}

#[test]
fn what_was_sealed_opens_under_the_same_context() {
    for plain in [b"".as_slice(), b"a private key", &[0; 100_000]] {
        let sealed = sealer(1).seal(plain, b"context");
        assert_eq!(sealer(1).open(&sealed, b"context").unwrap().expose(), plain);
    }
}

#[test]
fn the_same_text_is_sealed_differently_each_time() {
    let sealer = sealer(1);
    assert_ne!(sealer.seal(b"text", b"context"), sealer.seal(b"text", b"context"));
}

#[test]
fn threat_k3_what_is_sealed_shows_nothing_of_the_text() {
    let sealed = sealer(1).seal(b"a private key", b"context");
    assert!(!sealed.windows(4).any(|window| b"a private key".windows(4).any(|part| part == window)));
}

#[test]
fn threat_k4_sealed_data_does_not_open_in_another_place_or_under_another_key() {
    let sealed = sealer(1).seal(b"a private key", b"kid one");
    assert_eq!(sealer(1).open(&sealed, b"kid two").unwrap_err(), Unsealable);
    assert_eq!(sealer(1).open(&sealed, b"").unwrap_err(), Unsealable);
    assert_eq!(sealer(2).open(&sealed, b"kid one").unwrap_err(), Unsealable);
}

#[test]
fn threat_k4_no_altered_bit_and_no_cut_goes_unnoticed() {
    let sealer = sealer(1);
    let sealed = sealer.seal(b"key", b"context");
    for position in 0..sealed.len() {
        for bit in 0..8 {
            let mut altered = sealed.clone();
            altered[position] ^= 1 << bit;
            assert_eq!(sealer.open(&altered, b"context").unwrap_err(), Unsealable, "{position}.{bit}");
        }
        assert_eq!(sealer.open(&sealed[..position], b"context").unwrap_err(), Unsealable);
    }
}
