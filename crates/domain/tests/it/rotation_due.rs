//! When a signing key is due for its next step: pure decisions.

use std::time::Duration;

use keyward_domain::tokens::{Due, RotationPolicy, SigningAlgorithm, SigningKey, SigningKeyState};
use keyward_testkit::builders::Samples;
use keyward_testkit::domain::rotation;

const DAY: u64 = 86_400;
const LEAD: u64 = 15 * 60;
const ALGORITHM: SigningAlgorithm = SigningAlgorithm::EdDsa;

fn due(keys: &[&SigningKey], second: u64) -> Vec<Due> {
    let keys: Vec<_> = keys.iter().map(|&key| key.clone()).collect();
    rotation().due(&keys, Samples::new().at(second))
}

fn retired(key: SigningKey, second: u64) -> SigningKey {
    SigningKey { state: SigningKeyState::Retired { since: Samples::new().at(second) }, ..key }
}

#[test]
fn nothing_is_due_where_there_is_nothing() {
    assert_eq!(due(&[], 0), []);
}

#[test]
fn the_next_key_is_published_so_early_that_the_active_one_signs_for_90_days() {
    let active = Samples::new().signing_key(ALGORITHM, Samples::new().at(0));
    assert_eq!(due(&[&active], 90 * DAY - LEAD - 1), []);
    assert_eq!(due(&[&active], 90 * DAY - LEAD), [Due::Publish(ALGORITHM)]);
    assert_eq!(due(&[&active], 900 * DAY), [Due::Publish(ALGORITHM)]);
}

#[test]
fn an_algorithm_has_one_next_key() {
    let samples = Samples::new();
    let active = samples.signing_key(ALGORITHM, samples.at(0));
    let next = samples.next_signing_key(ALGORITHM, samples.at(100 * DAY));
    assert_eq!(due(&[&active, &next], 100 * DAY), []);
}

#[test]
fn an_algorithm_that_is_not_in_use_gets_no_next_key() {
    let samples = Samples::new();
    let unused = samples.signing_key(SigningAlgorithm::Es256, samples.at(0));
    assert_eq!(due(&[&unused], 900 * DAY), []);
    let next = samples.next_signing_key(SigningAlgorithm::Es256, samples.at(0));
    assert_eq!(due(&[&unused, &next], DAY).len(), 1, "one that was published before goes on");
}

#[test]
fn the_next_key_takes_over_when_every_node_has_shown_it_for_as_long_as_was_asked() {
    let samples = Samples::new();
    let active = samples.signing_key(ALGORITHM, samples.at(0));
    let next = samples.next_signing_key(ALGORITHM, samples.at(100));
    assert_eq!(due(&[&active, &next], 100 + LEAD), []);
    assert_eq!(due(&[&active, &next], 100 + LEAD + 9), []);
    let hand_over = Due::HandOver { algorithm: ALGORITHM, from: active.kid.clone(), to: next.kid.clone() };
    assert_eq!(due(&[&active, &next], 100 + LEAD + 10), [hand_over]);
}

#[test]
fn a_key_takes_over_from_one_of_its_own_algorithm_only() {
    let samples = Samples::new();
    let other = samples.signing_key(SigningAlgorithm::Rs256, samples.at(0));
    let next = samples.next_signing_key(ALGORITHM, samples.at(0));
    assert_eq!(due(&[&other, &next], DAY), []);
}

#[test]
fn threat_j14_a_retired_key_is_deleted_an_hour_after_its_last_token_can_have_expired() {
    let samples = Samples::new();
    let old = retired(samples.signing_key(ALGORITHM, samples.at(0)), 50);
    assert_eq!(due(&[&old], 50 + 30 * DAY + 3_599), []);
    assert_eq!(due(&[&old], 50 + 30 * DAY + 3_600), [Due::Delete(old.kid.clone())]);
    let unused = retired(samples.signing_key(SigningAlgorithm::Es256, samples.at(0)), 50);
    assert_eq!(due(&[&unused], 900 * DAY), [Due::Delete(unused.kid.clone())]);
}

#[test]
fn a_lead_that_is_longer_than_a_key_s_life_publishes_at_once_and_waits_all_the_same() {
    let samples = Samples::new();
    let policy = RotationPolicy {
        rotate_after: Duration::from_secs(DAY),
        lead: Duration::from_secs(DAY),
        ..rotation()
    };
    let active = samples.signing_key(ALGORITHM, samples.at(0));
    assert_eq!(policy.due(std::slice::from_ref(&active), samples.at(0)), [Due::Publish(ALGORITHM)]);
    let keys = [active, samples.next_signing_key(ALGORITHM, samples.at(0))];
    assert_eq!(policy.due(&keys, samples.at(DAY)), []);
    assert_eq!(policy.due(&keys, samples.at(DAY + 10)).len(), 1);
}

#[test]
fn at_the_ends_of_time_keys_only_age() {
    let samples = Samples::new();
    let last = samples.at(u64::MAX);
    let keys = [samples.signing_key(ALGORITHM, last), samples.next_signing_key(ALGORITHM, last)];
    assert_eq!(rotation().due(&keys, samples.at(0)), []);
}

#[test]
fn threat_d8_a_server_whose_clock_is_behind_moves_nothing() {
    let samples = Samples::new();
    let active = samples.signing_key(ALGORITHM, samples.at(0));
    let other = samples.signing_key(SigningAlgorithm::Es256, samples.at(200 * DAY));
    assert_eq!(due(&[&active, &other], 199 * DAY), []);
    assert_eq!(due(&[&active, &other], 200 * DAY - 300), [Due::Publish(ALGORITHM)]);
}

#[test]
fn a_jwks_may_be_kept_for_a_third_of_the_time_for_which_the_next_key_waits_and_never_beyond_five_minutes() {
    for (lead, kept) in [(600, 200), (900, 300), (86_400, 300)] {
        let policy = RotationPolicy { lead: Duration::from_secs(lead), ..rotation() };
        assert_eq!(policy.jwks_lifetime(), Duration::from_secs(kept), "{lead}");
    }
}
