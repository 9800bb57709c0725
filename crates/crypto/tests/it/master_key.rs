//! Master keys, and the root secret that they wrap and open.

use std::sync::Arc;

use keyward_crypto::{DoesNotOpen, InvalidMasterKey, MasterKey, OsEntropy, RootSecret};
use keyward_domain::deployment::{Deployment, Slot, Slots, WrappedRoot};
use keyward_domain::time::Clock;
use keyward_testkit::clock::FakeClock;
use keyward_testkit::entropy::SeededEntropy;

fn key(seed: u64) -> MasterKey {
    MasterKey::generate(&SeededEntropy::new(seed))
}

fn root() -> RootSecret {
    RootSecret::generate(&SeededEntropy::new(99))
}

fn slot(wrapped: WrappedRoot) -> Slot {
    Slot { wrapped, added_at: FakeClock::new().now() }
}

fn wrapped(key: &MasterKey) -> Slot {
    slot(key.wrap(&root(), Arc::new(OsEntropy)))
}

fn deployment(slots: Slots) -> Deployment {
    Deployment { root: root().fingerprint(), slots }
}

#[test]
fn a_master_key_survives_its_text() {
    let text = key(1).to_base64();
    let again = MasterKey::parse(&format!("  {}\n", text.expose())).unwrap();
    assert_eq!(again.fingerprint(), key(1).fingerprint());
    assert_eq!(text.expose().len(), 44);
}

#[test]
fn a_text_that_is_not_32_bytes_of_base64_is_refused() {
    for text in ["", "AAAA", &"A".repeat(40), &format!("{}=", "A".repeat(47))] {
        assert_eq!(MasterKey::parse(text).unwrap_err(), InvalidMasterKey::WrongLength, "{text}");
    }
    let unpadded = "A".repeat(43);
    for text in ["correct horse battery staple", "é", "AAA\0", "=", &unpadded, &format!("{unpadded}==")] {
        assert_eq!(MasterKey::parse(text).unwrap_err(), InvalidMasterKey::NotBase64, "{text}");
    }
}

#[test]
fn each_of_two_master_keys_opens_the_same_root() {
    let (old, new) = (key(1), key(2));
    let both = deployment(Slots::Two { superseded: wrapped(&old), current: wrapped(&new) });
    for key in [&old, &new] {
        assert_eq!(key.open(&both).unwrap().fingerprint(), root().fingerprint());
    }
    assert_eq!(key(3).open(&both).unwrap_err(), DoesNotOpen::Unknown);
}

#[test]
fn a_master_key_without_its_slot_opens_nothing() {
    let alone = deployment(Slots::One(wrapped(&key(2))));
    assert_eq!(key(1).open(&alone).unwrap_err(), DoesNotOpen::Unknown);
}

#[test]
fn the_master_key_of_a_deployment_without_slots_is_its_root() {
    let (first, other) = (key(1), key(2));
    let founded = Deployment { root: first.fingerprint(), slots: Slots::Unwritten };
    let opened = first.open(&founded).unwrap();
    assert_eq!(opened.fingerprint(), first.fingerprint());
    assert_eq!(other.open(&founded).unwrap_err(), DoesNotOpen::Unknown);

    // And stays it when others open it, but is no master key any more.
    let others = slot(other.wrap(&opened, Arc::new(OsEntropy)));
    let rotated = Deployment { slots: Slots::One(others), ..founded };
    assert_eq!(other.open(&rotated).unwrap().fingerprint(), opened.fingerprint());
    assert_eq!(first.open(&rotated).unwrap_err(), DoesNotOpen::Unknown);
}

#[test]
fn threat_k4_a_slot_that_was_altered_opens_nothing() {
    let key = key(1);
    let good = key.wrap(&root(), Arc::new(OsEntropy));
    let opens = |wrapped: WrappedRoot| key.open(&deployment(Slots::One(slot(wrapped))));
    assert!(opens(good.clone()).is_ok());
    for place in 0..good.sealed.len() {
        let mut altered = good.clone();
        altered.sealed[place] ^= 1;
        assert_eq!(opens(altered).unwrap_err(), DoesNotOpen::Altered, "byte {place}");
    }
    for length in [0, 1, good.sealed.len() - 1] {
        let cut = WrappedRoot { sealed: good.sealed[..length].to_vec(), ..good.clone() };
        assert_eq!(opens(cut).unwrap_err(), DoesNotOpen::Altered, "{length} bytes");
    }
}

#[test]
fn threat_k4_a_slot_of_another_key_or_another_deployment_opens_nothing() {
    let (own, other) = (key(1), key(2));
    // What another key wraps, under the name of this one.
    let renamed = WrappedRoot { master_key: own.fingerprint(), ..wrapped(&other).wrapped };
    let planted = deployment(Slots::One(slot(renamed)));
    assert_eq!(own.open(&planted).unwrap_err(), DoesNotOpen::Altered);
    // The same key in two deployments: the slot of the one in the other.
    let foreign = RootSecret::generate(&SeededEntropy::new(5));
    let foreign = Slots::One(slot(own.wrap(&foreign, Arc::new(OsEntropy))));
    assert_eq!(own.open(&deployment(foreign)).unwrap_err(), DoesNotOpen::Altered);
}

#[test]
fn threat_k1_a_master_key_and_what_it_wraps_give_nothing_away() {
    let key = key(1);
    assert_eq!(format!("{key:?}"), "MasterKey(Secret(…))");
    let text = format!("{:?}", wrapped(&key));
    assert!(text.contains("Fingerprint(Digest(…))"), "{text}");
    // No two wrappings are alike.
    assert_ne!(wrapped(&key).wrapped.sealed, wrapped(&key).wrapped.sealed);
}
