//! Throw-away mailboxes: a list that is part of the program, and the names that an operator puts beside it.

use std::collections::BTreeSet;

use keyward_domain::accounts::{DisposableDomains, EmailAddress};
use keyward_domain::sorted_lines::SortedLines;

/// <https://github.com/disposable-email-domains/disposable-email-domains> (CC0), of commit e2254bf, as the crate
/// `dispocheck` 0.2.42 brings it, in order.
const LISTED: SortedLines = SortedLines::new(include_str!("../data/disposable_domains.txt"));

/// Knows throw-away mailboxes.
///
/// A name stands for itself and for everything below it. An operator's names count before the list's, and of two of
/// them that both fit the longer one: who denies `example.com` can allow `staff.example.com`.
#[derive(Debug, Clone, Default)]
pub struct DisposableMailboxes {
    allowed: DomainNames,
    denied: DomainNames,
}

impl DisposableMailboxes {
    /// The list, but for what an operator allows, and with what an operator denies.
    pub fn new(allowed: DomainNames, denied: DomainNames) -> Result<Self, AllowedAndDenied> {
        match allowed.0.intersection(&denied.0).next() {
            Some(name) => Err(AllowedAndDenied(name.clone())),
            None => Ok(Self { allowed, denied }),
        }
    }

    /// Every domain of the list, in ascending order.
    pub fn listed() -> impl Iterator<Item = &'static str> {
        LISTED.iter()
    }
}

impl DisposableDomains for DisposableMailboxes {
    fn has_mailbox(&self, address: &EmailAddress) -> bool {
        let told = names_above(address.domain()).find_map(|name| {
            let (allowed, denied) = (self.allowed.0.contains(name), self.denied.0.contains(name));
            (allowed || denied).then_some(denied)
        });
        told.unwrap_or_else(|| names_above(address.domain()).any(|name| LISTED.contains(name)))
    }
}

/// The domain and all that it lies below, the longest first, without the top-level domain.
fn names_above(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |name| Some(name.split_once('.')?.1))
        .filter(|name| name.contains('.'))
}

/// Domains that an operator names, in their canonical form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DomainNames(BTreeSet<String>);

/// A line names no domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {0} is no domain such as example.com")]
pub struct InvalidDomainNames(usize);

/// An operator allows and denies the same name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is allowed and denied: take it out of one of the two files")]
pub struct AllowedAndDenied(String);

impl DomainNames {
    /// Reads a domain from each line; what follows a `#` is a comment. Any spelling will do, of at least two labels.
    pub fn parse(text: &str) -> Result<Self, InvalidDomainNames> {
        let mut names = BTreeSet::new();
        for (number, line) in (1..).zip(text.lines()) {
            let name = line.split('#').next().unwrap_or_default().trim();
            if !name.is_empty() {
                names.insert(canonical(name).ok_or(InvalidDomainNames(number))?);
            }
        }
        Ok(Self(names))
    }
}

/// The name as addresses have it: what is no domain of an address could never be found again.
fn canonical(name: &str) -> Option<String> {
    let address = EmailAddress::parse(&format!("postmaster@{name}")).ok()?;
    let is_name = !name.contains(['@', '*']) && address.canonical().starts_with("postmaster@");
    is_name.then(|| address.domain().to_owned())
}
