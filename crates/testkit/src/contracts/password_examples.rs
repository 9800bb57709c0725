//! The contract of [`AccountStore::password_examples`](keyward_domain::accounts::AccountStore::password_examples): no
//! scheme that is stored is missed.

use keyward_domain::accounts::PasswordHash;

use super::Stores;
use crate::builders::Samples;

/// Without passwords there are none.
pub async fn without_passwords_there_are_no_examples(stores: &Stores) {
    let samples = Samples::new();
    stores.register(&samples, &samples.registration()).await;
    assert!(stores.accounts.password_examples().await.unwrap().is_empty());
}
/// Of each scheme and cost there is one at least, and not one for each account.
pub async fn threat_e2_each_stored_scheme_and_cost_has_an_example(stores: &Stores) {
    let samples = Samples::new();
    let kinds = [
        "$argon2id$v=19$m=19456,t=2,p=1$",
        "$argon2id$v=19$m=65536,t=3,p=4$",
        "$argon2i$v=19$m=4096,t=4,p=1$",
        "$bcrypt-sha256$v=2,t=2b,r=12$",
        "$2a$10$",
        "$2b$10$",
        "$2b$12$",
        "$2y$12$",
    ];
    for number in 0..5 {
        for kind in kinds {
            let mut registration = samples.registration();
            registration.password = Some(PasswordHash::new(format!("{kind}c2FsdHNhbHRzYWx0{number}")));
            stores.register(&samples, &registration).await;
        }
    }
    let examples = stores.accounts.password_examples().await.unwrap();
    for kind in kinds {
        assert!(examples.iter().any(|example| example.expose().starts_with(kind)), "{kind}");
    }
    assert!(examples.iter().all(|example| kinds.iter().any(|kind| example.expose().starts_with(kind))));
}
