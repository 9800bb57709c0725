//! The contract of [`ImportStore`](keyward_domain::imports::ImportStore): a batch is written whole or not at all.

use keyward_domain::accounts::{AccountStatus, EmailAddress, Epoch, PasswordHash};
use keyward_domain::audit::Action;
use keyward_domain::ids::AccountId;
use keyward_domain::imports::{ImportRefused, ImportedAccount, ImportedKey};
use keyward_domain::keys::{CreateKeyRefused, KeyBinding, KeyHandle, KeyState, NewKey, RevocationReason};

use super::Stores;
use super::race::{RACERS, patiently, race};
use super::registration::with_email;
use super::same::{assert_same_account, assert_same_password};
use crate::builders::{Samples, in_epoch};

fn address(typed: &str) -> EmailAddress {
    EmailAddress::parse(typed).unwrap()
}

/// An account to import with this address.
fn imported(samples: &Samples, typed: &str) -> ImportedAccount {
    let account = with_email(samples.registration(), typed).account;
    let event = samples.event(Action::AccountImported, account.id, samples.at(1));
    let password =
        Some(PasswordHash::new(format!("$2b$12${:.<53}", account.id.to_string().replace('-', ""))));
    ImportedAccount { account, password, event }
}

/// Accounts, passwords and events are all there, and no key is.
pub async fn a_batch_of_accounts_is_written_whole(stores: &Stores) {
    let samples = Samples::new();
    let mut batch: Vec<_> =
        (0..50).map(|number| imported(&samples, &format!("Imported-{number}@Example.com"))).collect();
    batch[7].password = None;
    batch[8].account.email.as_mut().unwrap().verified_at = Some(samples.at(1));

    stores.imports.import_accounts(batch.clone()).await.unwrap();

    for ImportedAccount { account, password, event } in &batch {
        let login = stores.accounts.find_with_password(account.id).await.unwrap().unwrap();
        assert_same_account(&login.account, account);
        assert_same_password(login.password.as_ref(), password.as_ref());
        assert_eq!(stores.trail(account.id).await, std::slice::from_ref(event));
        let (_, key) = stores.accounts.find_with_key(account.id, None, samples.at(2)).await.unwrap().unwrap();
        assert_eq!(key, None);
    }
}
/// Nothing to import is no error.
pub async fn an_empty_batch_writes_nothing(stores: &Stores) {
    stores.imports.import_accounts(Vec::new()).await.unwrap();
    stores.imports.import_keys(Vec::new()).await.unwrap();
    assert_eq!(stores.imports.holders(Vec::new()).await, Ok(Vec::new()));
    assert_eq!(stores.imports.accounts_in_use(Vec::new()).await, Ok(Vec::new()));
    assert_eq!(stores.imports.handles_in_use(Vec::new()).await, Ok(Vec::new()));
    assert_eq!(stores.trail(None).await, []);
}
/// One address that is in use is enough, by whichever account and in whichever spelling, even one of the same batch.
pub async fn a_batch_with_one_taken_address_is_not_written(stores: &Stores) {
    let samples = Samples::new();
    let first = with_email(samples.registration(), "taken@example.com");
    stores.register(&samples, &first).await;
    for typed in ["TAKEN@Example.com", "other-1@EXAMPLE.com"] {
        let batch = vec![
            imported(&samples, "other-1@example.com"),
            imported(&samples, typed),
            imported(&samples, "other-2@example.com"),
        ];
        let refused = stores.imports.import_accounts(batch.clone()).await;
        assert_eq!(refused, Err(ImportRefused::Overtaken), "{typed}");
        for ImportedAccount { account, .. } in &batch {
            assert_eq!(stores.accounts.find(account.id).await, Ok(None));
            assert_eq!(stores.trail(account.id).await, []);
        }
    }
}
/// Who holds an address is told in any spelling, as it was asked for, archived accounts left out.
pub async fn holders_of_addresses_are_told_apart(stores: &Stores) {
    let samples = Samples::new();
    for typed in ["alpha@example.com", "beta@bücher.example", "gone@example.com"] {
        stores.register(&samples, &with_email(samples.registration(), typed)).await;
    }
    let gone = stores.accounts.find_login(&address("gone@example.com")).await.unwrap().unwrap().account;
    let archived = AccountStatus::Archived { since: samples.at(1) };
    let event = samples.event(Action::AccountArchived, gone.id, samples.at(1));
    let change = stores.accounts.change_status(gone.id, Epoch::FIRST, gone.status, archived, event);
    assert!(change.await.unwrap());

    let asked = ["ALPHA@example.com", "nobody@example.com", "beta@xn--bcher-kva.example", "gone@example.com"];
    let asked = asked.iter().map(|typed| address(typed)).collect();
    let mut holders = stores.imports.holders(asked).await.unwrap();
    holders.sort_by(|(one, _), (other, _)| one.canonical().cmp(other.canonical()));
    let mut expected = Vec::new();
    for typed in ["alpha@example.com", "beta@bücher.example"] {
        let login = stores.accounts.find_login(&address(typed)).await.unwrap().unwrap();
        expected.push((address(typed), login.account.id));
    }
    assert_eq!(holders, expected);
    let asked = vec![gone.id, expected[0].1, samples.account_id()];
    assert_eq!(stores.imports.accounts_in_use(asked).await, Ok(vec![expected[0].1]));
}
/// A thousand addresses are one question.
pub async fn many_addresses_are_asked_for_at_once(stores: &Stores) {
    let samples = Samples::new();
    stores.register(&samples, &with_email(samples.registration(), "asked-500@example.com")).await;
    let asked = (0..1_000).map(|number| address(&format!("asked-{number}@example.com"))).collect();
    let holders = stores.imports.holders(asked).await.unwrap();
    assert_eq!(
        holders.into_iter().map(|(address, _)| address).collect::<Vec<_>>(),
        [address("asked-500@example.com")]
    );
}
/// Of many batches with one address in common one is written, and of the others nothing.
pub async fn of_32_imports_with_one_address_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let batches: Vec<Vec<_>> = (0..RACERS)
        .map(|number| {
            let own = imported(&samples, &format!("own-{number}@example.com"));
            vec![own, imported(&samples, "common@example.com")]
        })
        .collect();
    let results = race(|number| {
        let (imports, batch) = (stores.imports.clone(), batches[number].clone());
        async move { patiently(|| imports.import_accounts(batch.clone())).await }
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for (result, batch) in results.iter().zip(&batches) {
        let written = stores.accounts.find(batch[0].account.id).await.unwrap().is_some();
        assert_eq!(written, result.is_ok());
        if !written {
            assert_eq!(*result, Err(ImportRefused::Overtaken));
        }
    }
    assert_eq!(stores.trail(None).await.len(), 2);
}

/// A key of this account, with its event.
fn imported_key(samples: &Samples, account: AccountId) -> ImportedKey {
    let key = samples.key(account, KeyBinding::Account { login_verifier: None });
    ImportedKey { key, event: samples.event(Action::KeyImported, account, samples.at(1)) }
}

/// Keys and events are all there, as they were given, and the handles are in use.
pub async fn a_batch_of_keys_is_written_whole(stores: &Stores) {
    let samples = Samples::new();
    let (one, other) = (samples.registration(), samples.registration());
    for registration in [&one, &other] {
        stores.register(&samples, registration).await;
    }
    let mut batch = Vec::new();
    for number in 0..20 {
        let owner = if number % 2 == 0 { &one } else { &other };
        batch.push(imported_key(&samples, owner.account.id));
    }
    batch[3].key.state = KeyState::Revoked { at: samples.at(1), reason: RevocationReason::Requested };
    batch[4].key.expires_at = Some(samples.at(60));
    stores.imports.import_keys(batch.clone()).await.unwrap();
    for ImportedKey { key, event } in &batch {
        assert_eq!(stores.credential(key.handle).await.unwrap().unwrap().key, *key);
        assert!(stores.trail(key.account).await.contains(event));
    }
    let unused = KeyHandle::parse("000000000000000").unwrap();
    let mut in_use =
        stores.imports.handles_in_use(vec![batch[3].key.handle, unused, one.key.handle]).await.unwrap();
    in_use.sort();
    let mut expected = [batch[3].key.handle, one.key.handle];
    expected.sort();
    assert_eq!(in_use, expected);
}
/// One handle that is in use, or one account that is gone, is enough.
pub async fn a_batch_of_keys_with_one_that_cannot_be_is_not_written(stores: &Stores) {
    let samples = Samples::new();
    let owner = samples.registration();
    stores.register(&samples, &owner).await;
    let fresh = || imported_key(&samples, owner.account.id);
    let mut taken = fresh();
    taken.key.handle = owner.key.handle;
    let orphan = imported_key(&samples, samples.account_id());
    let twice = fresh();
    let mut again = fresh();
    again.key.handle = twice.key.handle;
    for batch in [vec![fresh(), taken], vec![fresh(), orphan], vec![twice, again]] {
        let refused = stores.imports.import_keys(batch.clone()).await;
        assert_eq!(refused, Err(ImportRefused::Overtaken));
        assert_eq!(stores.credential(batch[0].key.handle).await, Ok(None));
    }
    assert_eq!(stores.trail(owner.account.id).await.len(), 1);
}
/// Imported keys that are active count among those that an account may have; those that are not, do not.
pub async fn imported_keys_count_among_their_account_s(stores: &Stores) {
    let samples = Samples::new();
    let owner = samples.registration();
    stores.register(&samples, &owner).await;
    let mut disabled = imported_key(&samples, owner.account.id);
    disabled.key.state = KeyState::Revoked { at: samples.at(1), reason: RevocationReason::Requested };
    let batch =
        vec![imported_key(&samples, owner.account.id), disabled, imported_key(&samples, owner.account.id)];
    stores.imports.import_keys(batch).await.unwrap();
    let create = async |most: u32| {
        let key = samples.key(owner.account.id, KeyBinding::Account { login_verifier: None });
        let event = samples.event(Action::KeyCreated, owner.account.id, samples.at(2));
        stores
            .keys
            .create(NewKey { key, most, asker: in_epoch(Epoch::FIRST), idempotency: None }, event)
            .await
    };
    assert_eq!(create(3).await, Err(CreateKeyRefused::LimitReached));
    assert_eq!(create(4).await, Ok(()));
}
