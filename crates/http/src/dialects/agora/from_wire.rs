//! Agora's parameters into what the domain is asked: where wire types stop.

use keyward_domain::accounts::IdentityCursor;

use super::error::Error;
use super::wire::Issue;
use super::{LISTED, MOST_LISTED};
use crate::extract::Query;

/// A page of accounts, as it was asked for.
pub(super) struct AccountsPage {
    /// How many at most.
    pub(super) limit: u16,
    /// Behind which one it begins.
    pub(super) after: Option<IdentityCursor>,
}

/// All that is wrong is said at once. A parameter without a value counts as absent.
pub(super) fn accounts_page(
    query: &Query,
    place: impl Fn(&str) -> Option<IdentityCursor>,
) -> Result<AccountsPage, Error> {
    let given = |name: &'static str| {
        let value = query.single(name).map_err(|why| Issue::of(name, why))?;
        Ok(value.filter(|value| !value.is_empty()))
    };
    let limit = given("limit").and_then(|text| text.map_or(Ok(LISTED), limit));
    let after = given("cursor").and_then(|text| {
        let opened = |text| place(text).ok_or_else(|| Issue::of("cursor", "is not from this list"));
        text.map(opened).transpose()
    });
    match (limit, after) {
        (Ok(limit), Ok(after)) => Ok(AccountsPage { limit, after }),
        (limit, after) => Err(Error::Invalid(limit.err().into_iter().chain(after.err()).collect())),
    }
}

fn limit(text: &str) -> Result<u16, Issue> {
    let number = text.parse().ok().filter(|number| (1..=MOST_LISTED).contains(number));
    number.ok_or_else(|| Issue::of("limit", format_args!("must be 1 to {MOST_LISTED}")))
}
