//! A server that has heard half of what a reset ended: what it lets in meanwhile is issued nothing.

use keyward_cache::Lease;
use keyward_domain::accounts::Epoch;
use keyward_domain::credentials::Credentials;
use keyward_domain::keys::{
    CreateKey, Grace, KeyLabel, KeyPrefix, KeyPrefixes, KeyPurpose, KeyState, KeysThat, ManageKeyError,
    RevocationReason, SuccessorPrefix,
};
use keyward_domain::revocations::Subject;
use keyward_domain::scope::Scopes;
use keyward_domain::time::Clock;

use crate::fixture::Remembering;

#[tokio::test]
async fn threat_c10_a_key_that_is_remembered_beside_its_account_s_new_epoch_issues_nothing() {
    let world = Remembering::new(Lease::Alone);
    let (alpha, text, _) = world.alpha().await;
    let (account, key) = (alpha.account.id, alpha.key.issued.key.id);
    world.domain.keys.authenticate(&text).await.unwrap();
    // Another server resets an account whose address was never verified. Of what has ended only the account is known.
    let revoked = KeyState::Revoked { at: world.test.clock.now(), reason: RevocationReason::Requested };
    world.test.store.edit_key(key, |key| key.state = revoked);
    world.test.store.edit_account(account, |account| account.epoch = Epoch::FIRST.next());
    world.cache.forget(Subject::Account(account));

    let let_in = world.domain.keys.authenticate(&text).await.unwrap();
    assert_eq!(let_in.epoch, Epoch::FIRST.next(), "the key of one moment, the account of another");
    let (keys, context) = (&world.domain.own_keys, world.test.context());
    let before = keys.list(&let_in, KeysThat::Exist, None, 10).await;
    let prefix = |text| KeyPrefix::parse(text).unwrap();
    let prefixes = KeyPrefixes { live: prefix("tc_live_"), sandbox: prefix("tc_test_") };
    let command = CreateKey {
        label: KeyLabel::default(),
        scopes: Scopes::ALL,
        purpose: KeyPurpose::General,
        expires_at: None,
        prefixes: prefixes.clone(),
    };
    let agents_key = alpha.agent.as_ref().unwrap().1.key.id;
    assert_eq!(keys.create(&let_in, command, &context).await.err(), Some(ManageKeyError::Ended));
    let rotated =
        keys.rotate(&let_in, agents_key, Grace::NONE, SuccessorPrefix::OfSurface(&prefixes), &context).await;
    assert_eq!(rotated.err(), Some(ManageKeyError::Ended));
    assert_eq!(keys.list(&let_in, KeysThat::Exist, None, 10).await, before);
}
