//! Single-use tokens in memory.

use async_trait::async_trait;
use keyward_domain::accounts::Account;
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::AccountId;
use keyward_domain::keys::{KeyState, RevocationReason};
use keyward_domain::mail::{MailKind, Recipient};
use keyward_domain::revocations::Subject;
use keyward_domain::secret::Digest;
use keyward_domain::sessions::Session;
use keyward_domain::single_use::{
    Holdings, Issuance, IssueLimit, PasswordReset, Redemption, SingleUsePurpose, SingleUseToken,
    SingleUseTokenRefused, SingleUseTokenStore,
};
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use super::MemoryStore;
use super::state::State;

#[async_trait]
impl SingleUseTokenStore for MemoryStore {
    async fn issue(
        &self,
        token: SingleUseToken,
        limit: Option<IssueLimit>,
        event: AuditEvent,
    ) -> Result<Issuance, StoreError> {
        self.step("SingleUseTokenStore::issue", |state| {
            if !state.accounts.get(&token.account).is_some_and(|row| token.is_bound_to(&row.account)) {
                return Ok(Issuance::Overtaken);
            }
            let alike = |since| {
                let is_alike = move |earlier: &&AuditEvent| {
                    earlier.account == Some(token.account)
                        && earlier.action == event.action
                        && earlier.at > since
                };
                state.audit.iter().filter(is_alike).count()
            };
            if limit.is_some_and(|limit| alike(limit.since) >= limit.most.get() as usize) {
                return Ok(Issuance::Enough);
            }
            let (account, purpose, now) = (token.account, token.binding.purpose(), token.created_at);
            state.single_use_tokens.retain(|older| {
                let is_its = older.account == account && older.binding.purpose() == purpose;
                !is_its || older.used_at.is_some() || older.expires_at <= now
            });
            state.single_use_tokens.push(token);
            state.audit.push(event);
            Ok(Issuance::Issued)
        })
    }

    async fn find(&self, digest: Digest) -> Result<Option<(SingleUseToken, Account)>, StoreError> {
        self.step("SingleUseTokenStore::find", |state| Ok(find(state, digest)))
    }

    async fn is_verification_pending(&self, account: AccountId, now: Instant) -> Result<bool, StoreError> {
        self.step("SingleUseTokenStore::is_verification_pending", |state| {
            let is_waiting = state.outbox.values().any(|entry| {
                entry.kind == MailKind::VerifyAddress && entry.recipient == Recipient::Account(account)
            });
            let is_good = |token: &SingleUseToken| {
                token.account == account
                    && token.binding.purpose() == SingleUsePurpose::VerifyAddress
                    && token.used_at.is_none()
                    && token.expires_at > now
            };
            Ok(is_waiting || state.single_use_tokens.iter().any(is_good))
        })
    }

    async fn holdings(
        &self,
        account: AccountId,
        now: Instant,
        idle_since: Instant,
    ) -> Result<Holdings, StoreError> {
        self.step("SingleUseTokenStore::holdings", |state| {
            let Some(row) = state.accounts.get(&account) else {
                return Ok(Holdings::default());
            };
            let keys =
                state.keys.values().filter(|key| key.account == account && key.status(now).is_good()).count();
            let stands = |session: &&Session| {
                session.account == account
                    && session.epoch == row.account.epoch
                    && session.expires_at > now
                    && session.last_seen_at > idle_since
            };
            let sessions = state.sessions.values().filter(stands).count();
            Ok(Holdings { keys: keys as u64, sessions: sessions as u64 })
        })
    }

    async fn verify_address(
        &self,
        token: Digest,
        now: Instant,
        event: AuditEvent,
    ) -> Result<Redemption, StoreError> {
        self.step("SingleUseTokenStore::verify_address", |state| {
            let account = match check(state, token, SingleUsePurpose::VerifyAddress, now) {
                Ok(account) => account,
                Err(why) => return Ok(Redemption::Refused(why)),
            };
            use_up(state, token, now);
            verify(state, &account, now);
            state.audit.push(event);
            Ok(Redemption::Redeemed)
        })
    }

    async fn reset_password(
        &self,
        reset: PasswordReset,
        now: Instant,
        event: AuditEvent,
    ) -> Result<Redemption, StoreError> {
        self.end("SingleUseTokenStore::reset_password", |state| {
            let account = match check(state, reset.token, reset.purpose, now) {
                Ok(account) => account,
                Err(why) => return Ok((Redemption::Refused(why), Vec::new())),
            };
            if account.is_verified() != reset.was_verified {
                return Ok((Redemption::Overtaken, Vec::new()));
            }
            use_up(state, reset.token, now);
            let mut subjects = vec![Subject::Account(account.id)];
            if !reset.was_verified {
                verify(state, &account, now);
                let keys = state.keys.values_mut();
                for key in keys.filter(|key| key.account == account.id && key.state.is_standing()) {
                    key.state = KeyState::Revoked { at: now, reason: RevocationReason::Requested };
                    subjects.push(Subject::Key(key.id));
                }
            }
            if let Some(row) = state.accounts.get_mut(&account.id) {
                row.account.epoch = row.account.epoch.next();
                row.password = Some(reset.password);
            }
            state.audit.push(event);
            Ok((Redemption::Redeemed, subjects))
        })
    }

    async fn forget(&self, expired_by: Instant) -> Result<(), StoreError> {
        self.step("SingleUseTokenStore::forget", |state| {
            state.single_use_tokens.retain(|token| token.expires_at > expired_by);
            Ok(())
        })
    }
}

fn find(state: &State, digest: Digest) -> Option<(SingleUseToken, Account)> {
    let token = state.single_use_tokens.iter().find(|token| token.digest == digest)?;
    Some((token.clone(), state.accounts.get(&token.account)?.account.clone()))
}

fn check(
    state: &State,
    digest: Digest,
    purpose: SingleUsePurpose,
    now: Instant,
) -> Result<Account, SingleUseTokenRefused> {
    let (token, account) = find(state, digest).ok_or(SingleUseTokenRefused::Unknown)?;
    token.check(purpose, &account, now).map(|()| account)
}

fn use_up(state: &mut State, digest: Digest, now: Instant) {
    for token in state.single_use_tokens.iter_mut().filter(|token| token.digest == digest) {
        token.used_at = Some(now);
    }
}

fn verify(state: &mut State, account: &Account, now: Instant) {
    let email = state.accounts.get_mut(&account.id).and_then(|row| row.account.email.as_mut());
    if let Some(email) = email {
        email.verified_at.get_or_insert(now);
    }
}
