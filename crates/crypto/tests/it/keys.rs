//! The root secret and the MACs that derive from it.

use std::sync::Arc;

use keyward_crypto::{MasterKey, OsEntropy, RootSecret};
use keyward_domain::audit::AuditMac;
use keyward_domain::deployment::{Deployment, Slots};
use keyward_domain::entropy::random_bytes;
use keyward_domain::environment::Environment;
use keyward_domain::ids::{AccountId, AgentId, KeyId};
use keyward_domain::keys::{KeyIssuer, KeyMac, KeyMacInput, KeyPrefix, PresentedKey, SecretPurpose};
use keyward_domain::limits::LimitMac;
use keyward_domain::secret::Digest;
use keyward_domain::time::Clock;
use keyward_testkit::clock::FakeClock;
use keyward_testkit::entropy::SeededEntropy;

fn key(seed: u64) -> RootSecret {
    RootSecret::generate(&SeededEntropy::new(seed))
}

#[test]
fn what_is_derived_stays_the_same_in_every_release() {
    let master_key = MasterKey::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    // As a release without slots has founded it: the master key is the root.
    let founded = Deployment { root: master_key.fingerprint(), slots: Slots::Unwritten };
    let key = master_key.open(&founded).unwrap();
    // HKDF-SHA-256 and HMAC-SHA-256 of Python's hmac module.
    let fingerprint = "4228d814aa38ab60ce7a6853f4bb978a3fdc8af6aab2e40485e8ad8c244cd63c";
    let key_mac = "8d0b2b46dc5b2e150e77558f48dc99607f943c703d75f52e8cb94b5e177927f2";
    let audit_mac = "162d577beaa08c1f6647d0441a886f4c370d6df9a3484456460936b840248606";
    let limit_mac = "f43131390d44b717fe7931d30bb5534190ca13b16437ae8c8a8bff7ee86827eb";
    assert_eq!(hex(Digest::new(*key.fingerprint().as_bytes())), fingerprint);
    assert_eq!(key.fingerprint().to_string(), &fingerprint[..16]);
    assert_eq!(hex(key.key_mac().mac(b"message")), key_mac);
    assert_eq!(hex(key.audit_mac().mac(b"message")), audit_mac);
    assert_eq!(hex(key.limit_mac().mac(b"message")), limit_mac);
}

#[test]
fn another_root_derives_other_keys() {
    let (one, two) = (key(1), key(2));
    assert_ne!(one.fingerprint(), two.fingerprint());
    assert_ne!(one.key_mac().mac(b"message"), two.key_mac().mac(b"message"));
    assert_ne!(one.audit_mac().mac(b"message"), two.audit_mac().mac(b"message"));
}

#[test]
fn each_purpose_has_a_key_of_its_own() {
    assert_ne!(key(1).key_mac().mac(b"message"), key(1).audit_mac().mac(b"message"));
    assert_ne!(key(1).key_mac().mac(b"message"), key(1).limit_mac().mac(b"message"));
    assert_ne!(key(1).audit_mac().mac(b"message"), key(1).limit_mac().mac(b"message"));
}

#[test]
fn threat_k1_the_root_and_what_derives_from_it_print_nothing() {
    let key = key(1);
    assert_eq!(format!("{key:?}"), "RootSecret(Secret(…))");
    assert_eq!(format!("{:?}", key.key_mac()), "HmacKeyMac(Key { algorithm: SHA256 })");
    assert_eq!(format!("{:?}", key.audit_mac()), "HmacAuditMac(Key { algorithm: SHA256 })");
    assert_eq!(format!("{:?}", key.sealer(Arc::new(OsEntropy))), "AeadSealer(…)");
}

#[test]
fn threat_k4_a_planted_verifier_verifies_nothing() {
    let (pepper, entropy) = (key(1).key_mac(), SeededEntropy::new(7));
    let now = FakeClock::new().now();
    let (row, owner) = (KeyId::generate(now, &entropy), AccountId::generate(now, &entropy));
    let (prefix, agent) = (KeyPrefix::from_static("ak_live_"), AgentId::generate(now, &entropy));
    let issuer = KeyIssuer::new(Arc::new(key(9).key_mac()), Arc::new(SeededEntropy::new(8)));
    let text = issuer.for_agent(now, &prefix, owner, agent, Environment::Live).text; // The attacker knows it.
    let known = || KeyMacInput {
        purpose: SecretPurpose::Access,
        key: row,
        account: owner,
        agent: None,
        environment: Environment::Live,
        shown: PresentedKey::parse(text.expose()).unwrap(),
    };
    let genuine = known().mac(&pepper);

    // Without the pepper: whatever other key an attacker tries.
    for attempt in 2..50 {
        assert_ne!(known().mac(&key(attempt).key_mac()), genuine);
    }
    // With a verifier that is good, copied to another row, another owner, another world, another purpose.
    let (key, account) = (KeyId::generate(now, &entropy), AccountId::generate(now, &entropy));
    let environment = Environment::Sandbox;
    assert_ne!(KeyMacInput { key, ..known() }.mac(&pepper), genuine);
    assert_ne!(KeyMacInput { account, ..known() }.mac(&pepper), genuine);
    assert_ne!(KeyMacInput { environment, ..known() }.mac(&pepper), genuine);
    let purpose = SecretPurpose::Login;
    assert_ne!(KeyMacInput { purpose, ..known() }.mac(&pepper), genuine);
}

#[test]
fn the_operating_system_gives_other_bytes_each_time() {
    let drawn: std::collections::HashSet<[u8; 32]> = (0..1_000).map(|_| random_bytes(&OsEntropy)).collect();
    assert_eq!(drawn.len(), 1_000);
}

fn hex(digest: Digest) -> String {
    digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
