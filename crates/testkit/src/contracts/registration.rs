//! The contract of [`AccountStore::register`](keyward_domain::accounts::AccountStore::register): whole or not
//! at all, one account for each address, one key for each handle.

use keyward_domain::accounts::{
    AccountStatus, EmailAddress, Epoch, PasswordHash, Registration, RegistrationRefused,
};
use keyward_domain::audit::Action;
use keyward_domain::ids::AccountId;
use keyward_domain::keys::KeyHandle;

use super::Stores;
use super::same::{assert_same_account, assert_same_agent, assert_same_password};
use crate::builders::Samples;

/// The registration with another address.
pub(super) fn with_email(mut registration: Registration, typed: &str) -> Registration {
    if let Some(email) = &mut registration.account.email {
        email.address = EmailAddress::parse(typed).unwrap();
    }
    registration
}
/// Archives an account that is active.
async fn archive(stores: &Stores, samples: &Samples, registration: &Registration) {
    let (id, archived) = (registration.account.id, AccountStatus::Archived { since: samples.at(1) });
    let event = samples.event(Action::AccountArchived, id, samples.at(1));
    let change = stores.accounts.change_status(id, Epoch::FIRST, AccountStatus::Active, archived, event);
    assert!(change.await.unwrap());
}
/// Nothing of this registration was written: neither account, agent and trail, nor a key of its own handles.
pub(super) async fn assert_nothing_is_left_of(
    stores: &Stores,
    refused: &Registration,
    own_handles: &[KeyHandle],
) {
    let id = refused.account.id;
    assert_eq!(stores.accounts.find(id).await, Ok(None));
    if let Some((agent, _)) = &refused.agent {
        assert_eq!(stores.agents.find(agent.owner(), agent.id).await, Ok(None));
    }
    for &handle in own_handles {
        assert_eq!(stores.credential(handle).await, Ok(None));
    }
    assert_eq!(stores.trail(id).await, []);
}
/// Account, password, keys, agent and event are all there.
pub async fn a_registration_is_written_whole(stores: &Stores) {
    let samples = Samples::new();
    let mut registration = samples.registration_with_agent();
    registration.password =
        Some(PasswordHash::new("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()));
    let event = samples.registered(&registration);

    stores.accounts.register(registration.clone(), event.clone()).await.unwrap();

    let Registration { account, password, key, agent, .. } = &registration;
    let (agent, agent_key) = agent.as_ref().unwrap();
    assert_same_account(&stores.accounts.find(account.id).await.unwrap().unwrap(), account);
    let address = &account.email.as_ref().unwrap().address;
    let login = stores.accounts.find_login(address).await.unwrap().unwrap();
    assert_same_account(&login.account, account);
    assert_same_password(login.password.as_ref(), password.as_ref());
    assert_same_agent(&stores.agents.find(agent.owner(), agent.id).await.unwrap().unwrap(), agent);
    assert_eq!(stores.credential(key.handle).await.unwrap().unwrap().key, *key);
    assert_eq!(stores.credential(agent_key.handle).await.unwrap().unwrap().key, *agent_key);
    assert_eq!(stores.trail(account.id).await, [event]);
}
/// Any number of accounts have neither address nor password nor agent.
pub async fn a_registration_needs_no_email_password_or_agent(stores: &Stores) {
    let samples = Samples::new();
    for _ in 0..3 {
        let mut registration = samples.registration();
        registration.account.email = None;
        stores.register(&samples, &registration).await;
        let found = stores.accounts.find(registration.account.id).await.unwrap().unwrap();
        assert_same_account(&found, &registration.account);
    }
}
/// An address is taken however it is typed, and the refused registration leaves nothing behind.
pub async fn threat_g4_an_address_is_taken_however_it_is_typed(stores: &Stores) {
    let samples = Samples::new();
    let first = with_email(samples.registration(), "alpha@bücher.example");
    stores.register(&samples, &first).await;

    for typed in ["alpha@bücher.example", "ALPHA@BÜCHER.EXAMPLE", "Alpha@xn--bcher-kva.example"] {
        let second = with_email(samples.registration_with_agent(), typed);
        let refused = stores.accounts.register(second.clone(), samples.registered(&second)).await;
        assert_eq!(refused, Err(RegistrationRefused::EmailTaken), "{typed}");
        let agent_key = second.agent.as_ref().unwrap().1.handle;
        assert_nothing_is_left_of(stores, &second, &[second.key.handle, agent_key]).await;
    }
    assert_eq!(stores.trail(None).await.len(), 1);
}
/// Letters beyond ASCII are not folded: such addresses are two.
pub async fn only_ascii_letters_of_an_address_are_folded(stores: &Stores) {
    let samples = Samples::new();
    for typed in
        ["é@example.com", "É@example.com", "straße@example.com", "strasse@example.com", "ı@example.com"]
    {
        let registration = with_email(samples.registration(), typed);
        stores.register(&samples, &registration).await;
        let address = &registration.account.email.as_ref().unwrap().address;
        let login = stores.accounts.find_login(address).await.unwrap().unwrap();
        assert_eq!(login.account.id, registration.account.id, "{typed}");
    }
}
/// A suspended account keeps its address.
pub async fn the_address_of_a_suspended_account_is_taken(stores: &Stores) {
    let samples = Samples::new();
    let mut first = with_email(samples.registration(), "alpha@example.com");
    first.account.status = AccountStatus::Suspended { since: samples.at(0) };
    stores.register(&samples, &first).await;

    let second = with_email(samples.registration(), "alpha@example.com");
    let refused = stores.accounts.register(second.clone(), samples.registered(&second)).await;

    assert_eq!(refused, Err(RegistrationRefused::EmailTaken));
}
/// An archived account gives its address up, any number of times over.
pub async fn the_address_of_an_archived_account_is_free_again(stores: &Stores) {
    let samples = Samples::new();
    for _ in 0..3 {
        let registration = with_email(samples.registration(), "alpha@example.com");
        stores.register(&samples, &registration).await;
        archive(stores, &samples, &registration).await;
    }
    let last = with_email(samples.registration(), "alpha@example.com");
    stores.register(&samples, &last).await;
    let address = &last.account.email.as_ref().unwrap().address;
    assert_eq!(stores.accounts.find_login(address).await.unwrap().unwrap().account.id, last.account.id);
}
/// The account's own key cannot have a handle that is in use. Once it has another, the same registration succeeds.
pub async fn a_taken_handle_of_the_account_key_leaves_nothing_behind(stores: &Stores) {
    let samples = Samples::new();
    let first = samples.registration();
    stores.register(&samples, &first).await;
    let mut second = samples.registration_with_agent();
    let own_handle = std::mem::replace(&mut second.key.handle, first.key.handle);

    let refused = stores.accounts.register(second.clone(), samples.registered(&second)).await;

    assert_eq!(refused, Err(RegistrationRefused::HandleTaken));
    let agent_handle = second.agent.as_ref().unwrap().1.handle;
    assert_nothing_is_left_of(stores, &second, &[own_handle, agent_handle]).await;
    assert_eq!(stores.credential(first.key.handle).await.unwrap().unwrap().key, first.key);
    second.key.handle = own_handle;
    stores.register(&samples, &second).await;
}
/// An agent's key cannot have a handle that is in use. Once it has another, the same registration succeeds.
pub async fn a_taken_handle_of_the_agent_key_leaves_nothing_behind(stores: &Stores) {
    let samples = Samples::new();
    let first = samples.registration_with_agent();
    stores.register(&samples, &first).await;
    let mut second = samples.registration_with_agent();
    let taken = first.agent.as_ref().unwrap().1.clone();
    let own_handle = std::mem::replace(&mut second.agent.as_mut().unwrap().1.handle, taken.handle);

    let refused = stores.accounts.register(second.clone(), samples.registered(&second)).await;

    assert_eq!(refused, Err(RegistrationRefused::HandleTaken));
    assert_nothing_is_left_of(stores, &second, &[own_handle, second.key.handle]).await;
    assert_eq!(stores.credential(taken.handle).await.unwrap().unwrap().key, taken);
    second.agent.as_mut().unwrap().1.handle = own_handle;
    stores.register(&samples, &second).await;
}
/// Neither do the two keys of one registration share a handle.
pub async fn two_keys_of_one_registration_cannot_share_a_handle(stores: &Stores) {
    let samples = Samples::new();
    let mut registration = samples.registration_with_agent();
    registration.agent.as_mut().unwrap().1.handle = registration.key.handle;

    let refused = stores.accounts.register(registration.clone(), samples.registered(&registration)).await;

    assert_eq!(refused, Err(RegistrationRefused::HandleTaken));
    assert_nothing_is_left_of(stores, &registration, &[registration.key.handle]).await;
}
/// The handle of a revoked key stays in use.
pub async fn the_handle_of_a_revoked_key_is_taken(stores: &Stores) {
    use keyward_domain::keys::{KeyState, RevocationReason};
    let samples = Samples::new();
    let mut first = samples.registration();
    first.key.state = KeyState::Revoked { at: samples.at(0), reason: RevocationReason::Requested };
    stores.register(&samples, &first).await;
    let mut second = samples.registration();
    second.key.handle = first.key.handle;

    let refused = stores.accounts.register(second.clone(), samples.registered(&second)).await;

    assert_eq!(refused, Err(RegistrationRefused::HandleTaken));
}
/// Handles that differ only by case are two.
pub async fn handles_differ_by_case(stores: &Stores) {
    let samples = Samples::new();
    for text in ["aBcDeFgHiJkLmNo", "AbCdEfGhIjKlMnO", "abcdefghijklmno"] {
        let mut registration = samples.registration();
        registration.key.handle = KeyHandle::parse(text).unwrap();
        stores.register(&samples, &registration).await;
        let found = stores.credential(registration.key.handle).await.unwrap().unwrap();
        assert_eq!(found.key, registration.key);
    }
}
/// The end of an account's id is its own: one that is in use is drawn again, as a handle is.
pub async fn a_taken_tenant_leaves_nothing_behind(stores: &Stores) {
    let samples = Samples::new();
    let first = samples.registration();
    stores.register(&samples, &first).await;
    let mut second = samples.registration();
    let own = second.account.id.to_string();
    let text = format!("{}{}", &own[..own.len() - 12], first.account.id.tenant());
    let id: AccountId = text.parse().unwrap();
    (second.account.id, second.key.account) = (id, id);
    assert_eq!(id.tenant(), first.account.id.tenant());

    let refused = stores.accounts.register(second.clone(), samples.registered(&second)).await;

    assert_eq!(refused, Err(RegistrationRefused::HandleTaken));
    assert_nothing_is_left_of(stores, &second, &[second.key.handle]).await;
}
