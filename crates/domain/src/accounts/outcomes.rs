//! How what came of a registration is sealed for repetitions.

use std::time::Duration;

use super::{Account, DisplayName, EmailAddress, Epoch, RegisteredAccount, StartingBalance};
use crate::agents::Agent;
use crate::idempotency::{OutcomeReader, OutcomeWriter, Repeatable};
use crate::keys::{IssuedAccountKey, IssuedKey};
use crate::secret::Secret;
use crate::time::Instant;
use crate::tokens::{AccessToken, AccountStamp, IssuedToken, SubjectForm};

/// What stands before a part that may be missing as a whole.
const PRESENT: &str = "present";

impl Repeatable for RegisteredAccount {
    const SHAPE: &'static str = "registered_account 1";

    fn write(&self, parts: &mut OutcomeWriter) {
        write_account(parts, &self.account);
        self.key.write(parts);
        parts.optional(self.agent.as_ref().map(|_| &PRESENT as _));
        if let Some((agent, key)) = &self.agent {
            agent.write(parts);
            key.write(parts);
        }
        parts.optional(self.token.as_ref().map(|_| &PRESENT as _));
        if let Some(token) = &self.token {
            write_token(parts, token);
        }
    }

    fn read(parts: &mut OutcomeReader<'_>) -> Option<Self> {
        let account = read_account(parts)?;
        let key = IssuedAccountKey::read(parts)?;
        let agent = match parts.optional_text()? {
            Some(_) => Some((Agent::read(parts)?, IssuedKey::read(parts)?)),
            None => None,
        };
        let token = match parts.optional_text()? {
            Some(_) => Some(read_token(parts, &account)?),
            None => None,
        };
        Some(Self { account, key, agent, token })
    }
}

fn write_account(parts: &mut OutcomeWriter, account: &Account) {
    parts.part(&account.id);
    parts.part(&account.display_name);
    let address = account.email.as_ref().map(|email| &email.address);
    parts.optional(address.map(EmailAddress::as_typed).as_ref().map(|text| text as _));
    parts.optional(address.map(EmailAddress::canonical).as_ref().map(|text| text as _));
    parts.part(&account.starting_balance);
    parts.part(&account.created_at.unix_micros());
}

/// A fresh account: nothing was done to it yet.
fn read_account(parts: &mut OutcomeReader<'_>) -> Option<Account> {
    let (id, display_name) = (parts.part()?, DisplayName::parse(parts.text()?).ok()?);
    let (typed, canonical) = (parts.optional_text()?, parts.optional_text()?);
    let address = typed.zip(canonical);
    let address =
        address.map(|(typed, canonical)| EmailAddress::from_stored(typed.to_owned(), canonical.to_owned()));
    let starting_balance = StartingBalance::parse(parts.text()?).ok()?;
    let created_at = Instant::from_unix_micros(parts.part()?).ok()?;
    Some(Account::registered(id, display_name, address, starting_balance, created_at))
}

/// A token that came with a registration: no key was exchanged for it, and no agent limits it.
fn write_token(parts: &mut OutcomeWriter, IssuedToken { token, text, lifetime }: &IssuedToken) {
    parts.part(&token.id);
    parts.part(&token.environment);
    parts.part(&token.issued_at.unix_micros());
    parts.part(&token.expires_at.unix_micros());
    parts.part(text.expose());
    parts.part(&lifetime.as_secs());
}

fn read_token(parts: &mut OutcomeReader<'_>, account: &Account) -> Option<IssuedToken> {
    let token = AccessToken {
        id: parts.part()?,
        account: AccountStamp { id: account.id, epoch: Epoch::FIRST },
        agent: None,
        key: None,
        subject: SubjectForm::Account,
        environment: parts.part()?,
        issued_at: Instant::from_unix_micros(parts.part()?).ok()?,
        expires_at: Instant::from_unix_micros(parts.part()?).ok()?,
    };
    let text = Secret::new(parts.part()?);
    Some(IssuedToken { token, text, lifetime: Duration::from_secs(parts.part()?) })
}
