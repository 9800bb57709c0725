//! A token for the key that makes a request, without a second secret.

use keyward_domain::accounts::Epoch;
use keyward_domain::keys::Generation;
use keyward_domain::principal::Principal;
use keyward_domain::tokens::{
    AccountStamp, IssueTokenError, KeyStamp, NoSigningKey, SigningAlgorithm, SubjectForm, TokenProfile,
};
use keyward_testkit::domain::{TestDomain, alpha_bot, one_hour};

/// A domain with an account, and whoever shows its key.
async fn alpha() -> (TestDomain, Principal) {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let (account, key) = (registered.account.id, registered.key.issued.key.id);
    test.store.edit_account(account, |account| account.epoch = Epoch::new(3));
    test.store.edit_key(key, |key| key.generation = Generation::new(4));
    let principal = test.domain.keys.authenticate(registered.key.issued.text.expose()).await.unwrap();
    (test, principal)
}

fn of_an_organization() -> TokenProfile {
    TokenProfile { subject: SubjectForm::OrganizationKey, ..one_hour() }
}

#[tokio::test]
async fn a_key_s_token_is_stamped_by_its_generation_and_its_account_s_epoch() {
    let (test, principal) = alpha().await;
    let issued = test.domain.tokens.issue(&principal, &of_an_organization()).unwrap();
    let key = KeyStamp { id: principal.credential.key().unwrap(), generation: Generation::new(4) };
    assert_eq!(issued.token.key, Some(key));
    assert_eq!(issued.token.account, AccountStamp { id: principal.account, epoch: Epoch::new(3) });
    assert_eq!((issued.token.agent, issued.token.subject), (None, SubjectForm::OrganizationKey));
    let shown = test.domain.tokens.authenticate(issued.text.expose()).await.unwrap();
    assert_eq!((shown.account, shown.credential.key()), (principal.account, principal.credential.key()));
}

#[tokio::test]
async fn issuing_a_token_asks_no_store_and_writes_nothing() {
    let (test, principal) = alpha().await;
    test.store.take_calls();
    test.domain.tokens.issue(&principal, &one_hour()).unwrap();
    assert_eq!(test.store.take_calls(), [] as [&str; 0]);
}

#[tokio::test]
async fn a_token_of_a_key_that_is_bound_to_an_agent_is_not_given() {
    let test = TestDomain::new();
    let (_, key) = test.register(alpha_bot()).await.agent.unwrap();
    let principal = test.domain.keys.authenticate(key.text.expose()).await.unwrap();
    let refused = test.domain.tokens.issue(&principal, &one_hour()).unwrap_err();
    assert_eq!(refused, IssueTokenError::LimitedToAgent);
}

#[tokio::test]
async fn a_token_is_exchanged_for_no_token() {
    let (test, principal) = alpha().await;
    let token = test.domain.tokens.issue(&principal, &one_hour()).unwrap();
    let shown = test.domain.tokens.authenticate(token.text.expose()).await.unwrap();
    assert_eq!(test.domain.tokens.issue(&shown, &one_hour()).unwrap_err(), IssueTokenError::NotAKey);
}

#[tokio::test]
async fn without_a_signing_key_no_token_is_issued() {
    let (test, principal) = alpha().await;
    test.tokens.lose(SigningAlgorithm::EdDsa);
    let refused = test.domain.tokens.issue(&principal, &one_hour()).unwrap_err();
    assert_eq!(refused, IssueTokenError::Signing(NoSigningKey(SigningAlgorithm::EdDsa)));
}
