//! The contract of [`AccountStore::record_login`](keyward_domain::accounts::AccountStore::record_login).

use keyward_domain::accounts::{PasswordHash, PasswordLogin, Rehash};
use keyward_domain::audit::Action;

use super::Stores;
use super::same::{assert_same_account, assert_same_password};
use crate::builders::Samples;

fn hash(text: &str) -> PasswordHash {
    PasswordHash::new(text.to_owned())
}
/// A login leaves its event, and the password as it was.
pub async fn a_login_is_written_down(stores: &Stores) {
    let samples = Samples::new();
    let mut registration = samples.registration();
    registration.password = Some(hash("stored"));
    let account = &registration.account;
    stores.register(&samples, &registration).await;
    let event = samples.event(Action::AccountLoggedIn, account.id, samples.at(1));

    let login = PasswordLogin { account: account.id, rehash: None };
    stores.accounts.record_login(login, event.clone()).await.unwrap();

    assert_eq!(stores.trail(account.id).await.first(), Some(&event));
    assert_same_password(stores.password_of(account).await.as_ref(), Some(&hash("stored")));
    assert_same_account(&stores.accounts.find(account.id).await.unwrap().unwrap(), account);
}
/// A rehash takes the place of the hash that it was made from, of this account only.
pub async fn threat_k11_a_rehash_replaces_one_account_s_password(stores: &Stores) {
    let samples = Samples::new();
    let (mut own, mut other) = (samples.registration(), samples.registration());
    own.password = Some(hash("outdated"));
    other.password = Some(hash("outdated"));
    stores.register(&samples, &own).await;
    stores.register(&samples, &other).await;

    let rehash = Some(Rehash { from: hash("outdated"), to: hash("fresh") });
    let event = samples.event(Action::AccountLoggedIn, own.account.id, samples.at(1));
    let login = PasswordLogin { account: own.account.id, rehash };
    stores.accounts.record_login(login, event).await.unwrap();

    assert_same_password(stores.password_of(&own.account).await.as_ref(), Some(&hash("fresh")));
    assert_same_password(stores.password_of(&other.account).await.as_ref(), Some(&hash("outdated")));
}
/// A rehash of a password that has changed since is dropped, and the event is kept.
pub async fn a_stale_rehash_is_dropped_and_its_event_is_kept(stores: &Stores) {
    let samples = Samples::new();
    for stored in [Some(hash("changed since")), Some(hash("OUTDATED")), None] {
        let mut registration = samples.registration();
        registration.password = stored.clone();
        let account = &registration.account;
        stores.register(&samples, &registration).await;
        let event = samples.event(Action::AccountLoggedIn, account.id, samples.at(1));

        let rehash = Some(Rehash { from: hash("outdated"), to: hash("fresh") });
        let login = PasswordLogin { account: account.id, rehash };
        stores.accounts.record_login(login, event.clone()).await.unwrap();

        assert_same_password(stores.password_of(account).await.as_ref(), stored.as_ref());
        assert_eq!(stores.trail(account.id).await.first(), Some(&event));
    }
}
