//! Accounts in memory.

use std::mem::discriminant;

use async_trait::async_trait;
use keyward_domain::accounts::{
    Account, AccountCursor, AccountLogin, AccountStatus, AccountStore, DisplayName, EmailAddress, Epoch,
    NewPasswordHash, PasswordHash, PasswordLogin, Plan, Registration, RegistrationRefused,
};
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::{AccountId, KeyId};
use keyward_domain::keys::{ApiKey, KeyBinding, KeyStatus};
use keyward_domain::revocations::Subject;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use super::MemoryStore;
use super::state::{AccountRow, State};

#[async_trait]
impl AccountStore for MemoryStore {
    async fn register(
        &self,
        registration: Registration,
        event: AuditEvent,
    ) -> Result<(), RegistrationRefused> {
        self.step("AccountStore::register", |state| {
            check(state, &registration)?;
            let Registration { account, password, key, agent, mail, idempotency } = registration;
            state.answered(idempotency);
            state.accounts.insert(account.id, AccountRow { account, password });
            state.keys.insert(key.id, key);
            if let Some((agent, key)) = agent {
                state.agents.insert(agent.id, agent);
                state.keys.insert(key.id, key);
            }
            state.outbox.extend(mail.map(|mail| (mail.id, mail)));
            state.audit.push(event);
            Ok(())
        })
    }

    async fn find(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.step("AccountStore::find", |state| Ok(state.accounts.get(&id).map(|row| row.account.clone())))
    }

    async fn find_login(&self, email: &EmailAddress) -> Result<Option<AccountLogin>, StoreError> {
        self.step("AccountStore::find_login", |state| {
            let found = state.account_by_email(email).cloned();
            Ok(found.map(|AccountRow { account, password }| AccountLogin { account, password }))
        })
    }

    async fn find_named(&self, name: &DisplayName) -> Result<Option<Account>, StoreError> {
        self.step("AccountStore::find_named", |state| {
            let accounts = state.accounts.values().map(|row| &row.account);
            let is_reachable = |account: &&Account| {
                account.display_name == *name
                    && account.status == AccountStatus::Active
                    && account.email.is_some()
            };
            let oldest = accounts.filter(is_reachable).min_by_key(|account| (account.created_at, account.id));
            Ok(oldest.cloned())
        })
    }

    async fn find_with_password(&self, id: AccountId) -> Result<Option<AccountLogin>, StoreError> {
        self.step("AccountStore::find_with_password", |state| {
            let found = state.accounts.get(&id).cloned();
            Ok(found.map(|AccountRow { account, password }| AccountLogin { account, password }))
        })
    }

    async fn password_examples(&self) -> Result<Vec<PasswordHash>, StoreError> {
        self.step("AccountStore::password_examples", |state| {
            Ok(state.accounts.values().filter_map(|row| row.password.clone()).collect())
        })
    }

    async fn find_with_key(
        &self,
        id: AccountId,
        key: Option<KeyId>,
        now: Instant,
    ) -> Result<Option<(Account, Option<ApiKey>)>, StoreError> {
        self.step("AccountStore::find_with_key", |state| {
            let Some(row) = state.accounts.get(&id) else {
                return Ok(None);
            };
            let named = key.and_then(|key| state.key_of(id, key));
            let key = named.or_else(|| oldest_active_key(state, id, now)).cloned();
            Ok(Some((row.account.clone(), key)))
        })
    }

    async fn record_login(&self, login: PasswordLogin, event: AuditEvent) -> Result<(), StoreError> {
        self.step("AccountStore::record_login", |state| {
            if let Some(rehash) = login.rehash {
                state.replace_outdated(login.account, rehash);
            }
            state.audit.push(event);
            Ok(())
        })
    }

    async fn begin_epoch(
        &self,
        id: AccountId,
        from: Epoch,
        password: Option<NewPasswordHash>,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.end("AccountStore::begin_epoch", |state| {
            let Some(row) = state.accounts.get_mut(&id).filter(|row| row.account.epoch == from) else {
                return Ok((false, Vec::new()));
            };
            if let Some(NewPasswordHash { from, to }) = password {
                let is_stored = |stored: &PasswordHash| stored.expose() == from.expose();
                if !row.password.as_ref().is_some_and(is_stored) {
                    return Ok((false, Vec::new()));
                }
                row.password = Some(to);
            }
            row.account.epoch = from.next();
            state.audit.push(event);
            Ok((true, vec![Subject::Account(id)]))
        })
    }

    async fn change_status(
        &self,
        id: AccountId,
        epoch: Epoch,
        from: AccountStatus,
        to: AccountStatus,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.end("AccountStore::change_status", |state| {
            let is_still = |row: &&mut AccountRow| {
                discriminant(&row.account.status) == discriminant(&from) && row.account.epoch == epoch
            };
            let Some(row) = state.accounts.get_mut(&id).filter(is_still) else {
                return Ok((false, Vec::new()));
            };
            row.account.status = to;
            state.audit.push(event);
            Ok((true, vec![Subject::Account(id)]))
        })
    }

    async fn page(
        &self,
        email: Option<EmailAddress>,
        after: Option<AccountCursor>,
        limit: u16,
    ) -> Result<Vec<Account>, StoreError> {
        self.step("AccountStore::page", |state| {
            let is_asked_for = |account: &&Account| {
                let own = account.email.as_ref().map(|own| own.address.canonical());
                email.as_ref().is_none_or(|email| own == Some(email.canonical()))
            };
            let is_behind = |account: &&Account| {
                after.is_none_or(|last| (account.created_at, account.id) < (last.created_at, last.id))
            };
            let all = state.accounts.values().map(|row| &row.account);
            let mut page: Vec<_> = all.filter(is_asked_for).filter(is_behind).cloned().collect();
            page.sort_by_key(|account| std::cmp::Reverse((account.created_at, account.id)));
            page.truncate(limit.into());
            Ok(page)
        })
    }

    async fn set_plan(
        &self,
        id: AccountId,
        from: Plan,
        to: Plan,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.end("AccountStore::set_plan", |state| {
            let Some(row) = state.accounts.get_mut(&id).filter(|row| row.account.plan == from) else {
                return Ok((false, Vec::new()));
            };
            row.account.plan = to;
            state.audit.push(event);
            Ok((true, vec![Subject::Account(id)]))
        })
    }

    async fn erase(&self, id: AccountId, event: AuditEvent) -> Result<bool, StoreError> {
        self.end("AccountStore::erase", |state| {
            if state.accounts.remove(&id).is_none() {
                return Ok((false, Vec::new()));
            }
            state.delete_belongings(id);
            state.audit.push(event);
            Ok((true, vec![Subject::Account(id)]))
        })
    }
}

/// Whether everything that a registration writes can be written.
fn check(state: &State, registration: &Registration) -> Result<(), RegistrationRefused> {
    let Registration { account, key, agent, .. } = registration;
    if account.email.as_ref().is_some_and(|email| state.account_by_email(&email.address).is_some()) {
        return Err(RegistrationRefused::EmailTaken);
    }
    if state.is_answered(registration.idempotency.as_ref()) {
        return Err(RegistrationRefused::Repeated);
    }
    let handles = [Some(key.handle), agent.as_ref().map(|(_, key)| key.handle)];
    let is_taken = handles.iter().flatten().any(|&handle| state.key_by_handle(handle).is_some());
    let is_its_tenant = |id: &AccountId| *id != account.id && id.tenant() == account.id.tenant();
    if is_taken || handles[0] == handles[1] || state.accounts.keys().any(is_its_tenant) {
        return Err(RegistrationRefused::HandleTaken);
    }
    let ids_are_new = !state.accounts.contains_key(&account.id)
        && !state.keys.contains_key(&key.id)
        && agent.as_ref().is_none_or(|(agent, own_key)| {
            !state.agents.contains_key(&agent.id)
                && !state.keys.contains_key(&own_key.id)
                && own_key.id != key.id
        });
    if ids_are_new { Ok(()) } else { Err(StoreError::Corrupt("an id was given twice".to_owned()).into()) }
}

fn oldest_active_key(state: &State, account: AccountId, now: Instant) -> Option<&ApiKey> {
    let is_its_own =
        |key: &&ApiKey| key.account == account && matches!(key.binding, KeyBinding::Account { .. });
    let active = state.keys.values().filter(is_its_own).filter(|key| key.status(now) == KeyStatus::Active);
    active.min_by_key(|key| (key.created_at, key.id))
}
