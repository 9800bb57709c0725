//! The contract of [`AccountStore::page`](keyward_domain::accounts::AccountStore::page).

use keyward_domain::accounts::{Account, AccountCursor, AccountStatus, EmailAddress};

use super::Stores;
use super::same::assert_same_account;
use super::statuses::change;
use crate::builders::Samples;

fn behind(account: &Account) -> Option<AccountCursor> {
    Some(AccountCursor { created_at: account.created_at, id: account.id })
}

/// Six accounts, of which three are of one moment; returned newest first.
async fn six(stores: &Stores, samples: &Samples) -> Vec<Account> {
    let mut accounts = Vec::new();
    for second in [5, 5, 0, 9, 5, 2] {
        let mut registration = samples.registration_with_agent();
        registration.account.created_at = samples.at(second);
        stores.register(samples, &registration).await;
        accounts.push(registration.account);
    }
    accounts.sort_by_key(|account| std::cmp::Reverse((account.created_at, account.id)));
    accounts
}

/// Without accounts there is an empty page.
pub async fn a_list_of_no_accounts_is_empty(stores: &Stores) {
    assert_eq!(stores.accounts.page(None, None, 10).await, Ok(Vec::new()));
}
/// Newest first, whatever their status, each as it was written; those of one moment by their ids.
pub async fn accounts_are_listed_newest_first(stores: &Stores) {
    let samples = Samples::new();
    let mut expected = six(stores, &samples).await;
    let since = samples.at(20);
    for (place, to) in [(1, AccountStatus::Suspended { since }), (4, AccountStatus::Archived { since })] {
        assert!(change(stores, &samples, &expected[place], AccountStatus::Active, to).await);
        expected[place].status = to;
    }

    let found = stores.accounts.page(None, None, 10).await.unwrap();

    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_same_account(found, expected);
    }
}
/// Pages of any size, one behind the other, are the whole list: nothing twice, nothing left out.
pub async fn pages_one_behind_the_other_are_all_accounts(stores: &Stores) {
    let samples = Samples::new();
    let expected = six(stores, &samples).await;
    for size in 1..=7 {
        let (mut read, mut after) = (Vec::new(), None);
        loop {
            let page = stores.accounts.page(None, after, size).await.unwrap();
            assert!(page.len() <= usize::from(size));
            let Some(last) = page.last() else { break };
            after = behind(last);
            read.extend(page);
            assert!(read.len() <= expected.len(), "in pages of {size}, the list has no end");
        }
        assert_eq!(read, expected, "in pages of {size}");
    }
}
/// An account that is registered behind a page's back neither repeats nor hides one on the next page.
pub async fn a_new_account_does_not_move_the_next_page(stores: &Stores) {
    let samples = Samples::new();
    let expected = six(stores, &samples).await;
    let first = stores.accounts.page(None, None, 2).await.unwrap();
    let mut late = samples.registration();
    late.account.created_at = samples.at(30);
    stores.register(&samples, &late).await;

    let second = stores.accounts.page(None, behind(&first[1]), 2).await.unwrap();

    assert_eq!([first, second].concat(), expected[..4]);
}
/// The accounts of an address are those whose canonical address it is, the archived ones too.
pub async fn accounts_are_found_by_their_canonical_address(stores: &Stores) {
    let samples = Samples::new();
    let mut first = samples.registration();
    first.account.status = AccountStatus::Archived { since: samples.at(1) };
    let mut second = samples.registration();
    second.account.email = first.account.email.clone();
    second.account.created_at = samples.at(2);
    for registration in [&first, &second, &samples.registration()] {
        stores.register(&samples, registration).await;
    }
    let typed = first.account.email.as_ref().unwrap().address.as_typed().to_uppercase();
    let address = EmailAddress::parse(&typed).unwrap();
    let of_address = |after, limit| stores.accounts.page(Some(address.clone()), after, limit);

    assert_eq!(of_address(None, 10).await, Ok(vec![second.account.clone(), first.account.clone()]));
    assert_eq!(of_address(None, 1).await, Ok(vec![second.account.clone()]));
    assert_eq!(of_address(behind(&second.account), 10).await, Ok(vec![first.account.clone()]));
    let nobodys = EmailAddress::parse("nobody@example.com").unwrap();
    assert_eq!(stores.accounts.page(Some(nobodys), None, 10).await, Ok(Vec::new()));
}
/// At most as many as were asked for.
pub async fn a_page_of_accounts_is_no_longer_than_its_limit(stores: &Stores) {
    let samples = Samples::new();
    six(stores, &samples).await;
    for (limit, expected) in [(0, 0), (1, 1), (5, 5), (6, 6), (7, 6), (u16::MAX, 6)] {
        assert_eq!(stores.accounts.page(None, None, limit).await.unwrap().len(), expected);
    }
}
