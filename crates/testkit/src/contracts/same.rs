//! Equality to the letter, where `==` forgives a difference that a person would see.

use keyward_domain::accounts::{Account, PasswordHash};
use keyward_domain::agents::Agent;

/// The same account, its address as it was typed and its balance as it was written.
#[track_caller]
pub(super) fn assert_same_account(found: &Account, written: &Account) {
    let typed = |account: &Account| account.email.as_ref().map(|email| email.address.as_typed().to_owned());
    assert_eq!(found, written);
    assert_eq!(typed(found), typed(written));
    assert_eq!(found.starting_balance.to_string(), written.starting_balance.to_string());
}

/// The same agent, its balance as it was written.
#[track_caller]
pub(super) fn assert_same_agent(found: &Agent, written: &Agent) {
    assert_eq!(found, written);
    assert_eq!(found.starting_balance.to_string(), written.starting_balance.to_string());
}

/// The same stored password, or none.
#[track_caller]
pub(super) fn assert_same_password(found: Option<&PasswordHash>, written: Option<&PasswordHash>) {
    assert_eq!(found.map(PasswordHash::expose), written.map(PasswordHash::expose));
}
