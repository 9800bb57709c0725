//! What admins do with accounts and keys of others.

use std::time::Duration;

use keyward_domain::accounts::{
    AccountStatus, AccountStore, AdministerAccountError, DisplayName, Plan, RegisterAccountError,
    RegisteredAccount,
};
use keyward_domain::audit::Action;
use keyward_domain::authentication::Presented;
use keyward_domain::idempotency::Answered;
use keyward_domain::ids::AccountId;
use keyward_domain::keys::{KeyPrefix, KeyState, KeyStore, RevocationReason, RevokeKeyError};
use keyward_domain::request::RequestContext;
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_testkit::builders::{Samples, admin};
use keyward_testkit::domain::{TestDomain, alpha_bot};

async fn actions(test: &TestDomain, id: AccountId) -> Vec<Action> {
    test.trail(id).await.iter().rev().map(|event| event.action).collect()
}

#[tokio::test]
async fn a_plan_changes_once_and_says_who_did_it() {
    let test = TestDomain::new();
    let id = test.register(alpha_bot()).await.account.id;
    for _ in 0..2 {
        test.clock.advance(Duration::from_secs(1));
        test.domain.accounts.set_plan(id, Plan::Pro, &admin("jane"), &test.context()).await.unwrap();
    }
    assert_eq!(AccountStore::find(&*test.store, id).await.unwrap().unwrap().plan, Plan::Pro);
    assert_eq!(actions(&test, id).await, [Action::AccountRegistered, Action::AccountPlanChanged]);
    assert_eq!(test.trail(id).await[0].actor, "admin:jane");
}

#[tokio::test]
async fn an_account_is_erased_once_in_every_status() {
    for status in [
        AccountStatus::Active,
        AccountStatus::Suspended { since: Samples::new().at(0) },
        AccountStatus::Archived { since: Samples::new().at(0) },
    ] {
        let test = TestDomain::new();
        let registered = test.register(alpha_bot()).await;
        let id = registered.account.id;
        test.store.edit_account(id, |account| account.status = status);
        test.clock.advance(Duration::from_secs(1));
        let erase = async || test.domain.accounts.erase(id, &admin("root"), &test.context()).await;
        assert_eq!(erase().await, Ok(()));
        assert_eq!(erase().await, Err(AdministerAccountError::UnknownAccount));
        assert_eq!(actions(&test, id).await, [Action::AccountRegistered, Action::AccountErased]);
        let key = Some(registered.key.issued.text.expose().as_str());
        let recognised =
            test.domain.authentication.authenticate(Presented { key, token: None }, &test.context()).await;
        assert!(recognised.is_err(), "{recognised:?}");
    }
}

#[tokio::test]
async fn an_admin_revokes_any_key_once() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let (account, key) = (registered.account.id, registered.key.issued.key.id);
    test.clock.advance(Duration::from_secs(1));
    let at = test.clock.now();
    for _ in 0..2 {
        let keys = &test.domain.key_administration;
        assert_eq!(keys.revoke(key, &admin("root"), &test.context()).await, Ok(()));
        test.clock.advance(Duration::from_secs(1));
    }
    let state = KeyState::Revoked { at, reason: RevocationReason::ByAdmin };
    assert_eq!(KeyStore::find(&*test.store, key).await.unwrap().unwrap().state, state);
    assert_eq!(actions(&test, account).await, [Action::AccountRegistered, Action::KeyRevoked]);
    let event = &test.trail(account).await[0];
    assert_eq!((event.actor.as_str(), event.target.clone()), ("admin:root", format!("key:{key}")));
}

#[tokio::test]
async fn what_nobody_has_is_unknown_and_leaves_no_event() {
    let (test, samples) = (TestDomain::new(), Samples::new());
    let (account, key, root) = (samples.account_id(), samples.key_id(), admin("root"));
    let unknown = Err(AdministerAccountError::UnknownAccount);
    let accounts = &test.domain.accounts;
    assert_eq!(accounts.set_plan(account, Plan::Pro, &root, &test.context()).await, unknown);
    assert_eq!(accounts.erase(account, &root, &test.context()).await, unknown);
    let revoked = test.domain.key_administration.revoke(key, &root, &test.context()).await;
    assert_eq!(revoked, Err(RevokeKeyError::UnknownKey));
    assert_eq!(test.trail(None).await, []);
}

#[tokio::test]
async fn threat_d5_an_outage_is_neither_done_nor_unknown() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let (account, key, root) = (registered.account.id, registered.key.issued.key.id, admin("root"));
    let outage = StoreError::Unavailable("gone".to_owned());
    test.store.set_outage(Some(outage.clone()));
    let (domain, failed) = (&test.domain, AdministerAccountError::Store(outage.clone()));
    let planned = domain.accounts.set_plan(account, Plan::Pro, &root, &test.context()).await;
    assert_eq!(planned, Err(failed.clone()));
    assert_eq!(domain.accounts.erase(account, &root, &test.context()).await, Err(failed));
    assert_eq!(domain.accounts.page(None, None, 10).await, Err(outage.clone()));
    assert_eq!(domain.key_administration.page(None, None, 10).await, Err(outage.clone()));
    let revoked = domain.key_administration.revoke(key, &root, &test.context()).await;
    assert_eq!(revoked, Err(RevokeKeyError::Store(outage)));
}

async fn organization(
    test: &TestDomain,
    context: &RequestContext,
) -> Result<Answered<RegisteredAccount>, RegisterAccountError> {
    let (name, prefix) = (DisplayName::parse("Acme").unwrap(), KeyPrefix::parse("org_live_").unwrap());
    test.domain.accounts.register_organization(name, prefix, &admin("jane"), context).await
}

#[tokio::test]
async fn an_organization_has_a_name_a_key_and_nobody_who_logs_in() {
    let test = TestDomain::new();
    let made = organization(&test, &test.context()).await.unwrap();
    let account = AccountStore::find(&*test.store, made.account.id).await.unwrap().unwrap();
    assert_eq!((account.display_name.as_str(), account.email), ("Acme", None));
    assert!(made.agent.is_none() && made.token.is_none() && made.key.login_secret.is_none());
    assert!(made.key.issued.text.expose().starts_with("org_live_"));
    let principal = test.domain.keys.authenticate(made.key.issued.text.expose()).await.unwrap();
    assert_eq!((principal.account, principal.agent), (account.id, None));
    let trail = test.trail(account.id).await;
    assert_eq!(
        (trail.len(), trail[0].action, &*trail[0].actor),
        (1, Action::AccountRegistered, "admin:jane")
    );
    assert!(test.send_mail().await.is_empty());
}

#[tokio::test]
async fn an_organization_that_is_asked_for_again_is_the_same_one() {
    let test = TestDomain::new();
    let context = test.repeatable("an-idempotency-key-of-an-admin");
    let first = organization(&test, &context).await.unwrap();
    let again = organization(&test, &context).await.unwrap();
    assert_eq!(first.account.id, again.account.id);
    assert_eq!(first.key.issued.text.expose(), again.key.issued.text.expose());
    assert_eq!(test.trail(first.account.id).await.len(), 1);
}
