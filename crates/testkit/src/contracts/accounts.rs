//! The contract of [`AccountStore`](keyward_domain::accounts::AccountStore) for looking up.

use keyward_domain::accounts::{Account, AccountStatus, DisplayName, EmailAddress, PasswordHash};
use keyward_domain::keys::{KeyState, RevocationReason};

use super::Stores;
use super::same::{assert_same_account, assert_same_password};
use super::statuses::change;
use crate::builders::Samples;

fn address_of(account: &Account) -> &EmailAddress {
    &account.email.as_ref().unwrap().address
}

/// Absence is no error.
pub async fn what_does_not_exist_is_absent(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    stores.register(&samples, &registration).await;
    let unknown = samples.registration();
    let (id, address) = (unknown.account.id, address_of(&unknown.account));
    assert_eq!(stores.accounts.find(id).await, Ok(None));
    assert!(stores.accounts.find_login(address).await.unwrap().is_none());
    assert_eq!(stores.accounts.find_with_key(id, None, samples.at(2)).await, Ok(None));
    assert_eq!(stores.accounts.find_with_key(id, Some(registration.key.id), samples.at(2)).await, Ok(None));
}
/// A login is found by the canonical address, whether it has a password or not.
pub async fn a_login_is_found_however_its_address_is_typed(stores: &Stores) {
    let samples = Samples::new();
    for password in [None, Some(PasswordHash::new("$argon2id$…".to_owned()))] {
        let mut registration = samples.registration();
        registration.password = password.clone();
        stores.register(&samples, &registration).await;
        let typed = address_of(&registration.account).as_typed().to_uppercase();

        let login = stores.accounts.find_login(&EmailAddress::parse(&typed).unwrap()).await.unwrap().unwrap();

        assert_same_account(&login.account, &registration.account);
        assert_same_password(login.password.as_ref(), password.as_ref());
    }
}
/// A suspended account can still be found by its address; an archived one cannot.
pub async fn a_login_is_found_until_its_account_is_archived(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    let account = &registration.account;
    stores.register(&samples, &registration).await;

    let suspended = AccountStatus::Suspended { since: samples.at(1) };
    assert!(change(stores, &samples, account, AccountStatus::Active, suspended).await);
    let login = stores.accounts.find_login(address_of(account)).await.unwrap();
    assert_eq!(login.unwrap().account.status, suspended);

    let archived = AccountStatus::Archived { since: samples.at(2) };
    assert!(change(stores, &samples, account, suspended, archived).await);
    assert!(stores.accounts.find_login(address_of(account)).await.unwrap().is_none());
    assert_eq!(stores.accounts.find(account.id).await.unwrap().unwrap().status, archived);
}
/// The key that is asked for, if it is the account's own or its agent's, revoked or not.
pub async fn an_account_is_found_with_the_key_that_is_asked_for(stores: &Stores) {
    let samples = Samples::new();
    let mut registration = samples.registration_with_agent();
    registration.key.state = KeyState::Revoked { at: samples.at(1), reason: RevocationReason::ByAdmin };
    stores.register(&samples, &registration).await;
    for key in [&registration.key, &registration.agent.as_ref().unwrap().1] {
        let found = stores
            .accounts
            .find_with_key(registration.account.id, Some(key.id), samples.at(2))
            .await
            .unwrap()
            .unwrap();
        assert_same_account(&found.0, &registration.account);
        assert_eq!(found.1.as_ref(), Some(key));
    }
}
/// Without a key of its own to ask for, the account-level key that is active.
pub async fn an_account_is_found_with_its_own_active_key_in_place_of_none(stores: &Stores) {
    let samples = Samples::new();
    let (own, other) = (samples.registration_with_agent(), samples.registration_with_agent());
    stores.register(&samples, &own).await;
    stores.register(&samples, &other).await;
    let foreign_agent_key = other.agent.as_ref().unwrap().1.id;
    for asked in [None, Some(other.key.id), Some(foreign_agent_key), Some(samples.key_id())] {
        let found =
            stores.accounts.find_with_key(own.account.id, asked, samples.at(2)).await.unwrap().unwrap();
        assert_same_account(&found.0, &own.account);
        assert_eq!(found.1.as_ref(), Some(&own.key));
    }
}
/// Neither a revoked key nor one that has a successor, or has ended by itself, nor an agent's stands in.
pub async fn an_account_without_an_active_key_is_found_without_one(stores: &Stores) {
    let samples = Samples::new();
    let (at, later) = (samples.at(1), samples.at(9));
    let revoked = KeyState::Revoked { at, reason: RevocationReason::Requested };
    let ended = [
        (revoked, None),
        (KeyState::Superseded { at }, Some(later)),
        (KeyState::Superseded { at }, None),
        (KeyState::Active, Some(samples.at(2))),
    ];
    for (state, expires_at) in ended {
        let mut registration = samples.registration_with_agent();
        (registration.key.state, registration.key.expires_at) = (state, expires_at);
        stores.register(&samples, &registration).await;

        let id = registration.account.id;
        let found = stores.accounts.find_with_key(id, None, samples.at(2)).await.unwrap().unwrap();

        assert_same_account(&found.0, &registration.account);
        assert_eq!(found.1, None, "{state:?} {expires_at:?}");
    }
}

/// The oldest account of a name is found that is active and has an address, and the name counts to the letter.
pub async fn an_account_is_found_by_its_name(stores: &Stores) {
    let samples = Samples::new();
    let name = DisplayName::parse("Namesake").unwrap();
    assert_eq!(stores.accounts.find_named(&name).await, Ok(None));
    let mut made = Vec::new();
    for (seconds, has_email, status) in [
        (30, true, AccountStatus::Active),
        (20, true, AccountStatus::Active),
        (10, false, AccountStatus::Active),
        (5, true, AccountStatus::Suspended { since: samples.at(6) }),
        (1, true, AccountStatus::Archived { since: samples.at(6) }),
    ] {
        let mut registration = samples.registration();
        let account = &mut registration.account;
        (account.display_name, account.status) = (name.clone(), status);
        account.created_at = samples.at(seconds);
        if !has_email {
            account.email = None;
        }
        stores.register(&samples, &registration).await;
        made.push(registration.account);
    }
    assert_eq!(stores.accounts.find_named(&name).await, Ok(Some(made[1].clone())));
    for other in ["namesake", "Namesake2", "Namesak"] {
        let other = DisplayName::parse(other).unwrap();
        assert_eq!(stores.accounts.find_named(&other).await, Ok(None));
    }
}
