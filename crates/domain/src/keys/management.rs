//! What an account does with its own keys.

use std::cmp::Reverse;
use std::sync::Arc;

use super::{
    CreateKeyRefused, Grace, IssuedKey, KeyCursor, KeyIssuer, KeyLabel, KeyPolicy, KeyPrefixes, KeyPurpose,
    KeyRotation, KeyStatus, KeyStore, KeySummary, KeysThat, ManageKeyError, NewKey, RotateKeyRefused,
    SuccessorPrefix,
};
use crate::accounts::{Account, AccountStore};
use crate::audit::{Action, Actor, AuditEvent, AuditTrail, Deed, Target};
use crate::credentials::Credentials;
use crate::idempotency::{Answered, IdempotencyService};
use crate::ids::{AccountId, KeyId};
use crate::principal::{Owner, Principal};
use crate::request::RequestContext;
use crate::revocations::Subject;
use crate::scope::Scopes;
use crate::store::StoreError;
use crate::time::{Clock, Instant};
use crate::tokens::RotatedAway;

/// What issuing a key needs to know.
#[derive(Debug, Clone)]
pub struct CreateKey {
    /// What its owner calls it.
    pub label: KeyLabel,
    /// What of its owner's rights it has, and what its purpose needs besides.
    pub scopes: Scopes,
    /// What its owner uses it for.
    pub purpose: KeyPurpose,
    /// From when on it is good no longer, if it ends by itself.
    pub expires_at: Option<Instant>,
    /// What it begins with.
    pub prefixes: KeyPrefixes,
}

/// How many keys an account has and may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRoom {
    /// How many account-level keys are active.
    pub used: u32,
    /// How many its plan allows.
    pub most: u32,
    /// Whether none is made or changed until the account's address is verified.
    pub is_locked: bool,
}

impl KeyRoom {
    /// Whether a key can be made, as far as is known before it is asked for.
    pub const fn lets_create(self) -> Result<(), ManageKeyError> {
        if self.is_locked {
            Err(ManageKeyError::AddressNotVerified)
        } else if self.used >= self.most {
            Err(ManageKeyError::LimitReached { most: self.most })
        } else {
            Ok(())
        }
    }
}

/// A key in the place of another one.
#[derive(Debug)]
pub struct RotatedKey {
    /// The new key.
    pub issued: IssuedKey,
    /// The key that it replaces.
    pub from: KeyId,
}

/// What an account does with its own keys, its agents' included.
///
/// A principal that is limited to an agent manages none. Keys of other accounts, and of the other environment, are
/// unknown.
#[derive(Clone)]
pub struct KeyManagement {
    pub(crate) keys: Arc<dyn KeyStore>,
    pub(crate) accounts: Arc<dyn AccountStore>,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) issuer: KeyIssuer,
    pub(crate) trail: AuditTrail,
    pub(crate) idempotency: IdempotencyService,
    pub(crate) policy: KeyPolicy,
}

impl KeyManagement {
    /// How often a handle that turns out to be taken is drawn again, and a repetition that overlaps is looked for.
    const ROUNDS: usize = 3;

    /// At most `limit` of those of the account's keys, newest first, beginning behind `after`.
    pub async fn list(
        &self,
        principal: &Principal,
        which: KeysThat,
        after: Option<KeyCursor>,
        limit: u16,
    ) -> Result<Vec<KeySummary>, ManageKeyError> {
        Ok(self.keys.page_of(principal.owner()?, which, after, limit).await?)
    }

    /// The account's keys, newest first: all that are good, and as many of those that have ended as `most` leaves room for.
    ///
    /// Keys that have ended are never deleted: without this they would push good ones off the list, whose owner could then
    /// neither see nor revoke them.
    pub async fn overview(
        &self,
        principal: &Principal,
        most: u16,
    ) -> Result<Vec<KeySummary>, ManageKeyError> {
        let keys = self.list(principal, KeysThat::Exist, None, most).await?;
        if keys.len() < usize::from(most) {
            return Ok(keys);
        }
        let now = self.clock.now();
        let mut keys = self.list(principal, KeysThat::AreGood(now), None, most).await?;
        let room = most.saturating_sub(u16::try_from(keys.len()).unwrap_or(most));
        keys.extend(self.list(principal, KeysThat::HaveEnded(now), None, room).await?);
        keys.sort_by_key(|key| Reverse((key.created_at, key.id)));
        Ok(keys)
    }

    /// One of the account's keys, whatever its state.
    pub async fn find(&self, principal: &Principal, id: KeyId) -> Result<KeySummary, ManageKeyError> {
        self.keys.find_of(principal.owner()?, id).await?.ok_or(ManageKeyError::UnknownKey)
    }

    /// The key that makes this request, whoever it is bound to. `None` if no key makes it, or it is gone.
    pub async fn presented(&self, principal: &Principal) -> Result<Option<KeySummary>, StoreError> {
        match principal.credential.key() {
            Some(id) => self.keys.find_of(principal.scope(), id).await,
            None => Ok(None),
        }
    }

    /// How many keys the account has and may have, as it stands now.
    pub async fn room(&self, principal: &Principal) -> Result<KeyRoom, ManageKeyError> {
        let owner = principal.owner()?;
        let account = self.accounts.find(owner.account).await?.ok_or(ManageKeyError::Ended)?;
        let used = self.keys.count(owner.account, self.clock.now()).await?;
        let most = self.policy.most(account.plan);
        Ok(KeyRoom { used, most, is_locked: !self.policy.lets_change(&account) })
    }

    /// Issues an account-level key.
    ///
    /// Security: whoever is narrowed to scopes issues none with more, and the owner is the principal's account,
    /// whatever was sent.
    pub async fn create(
        &self,
        principal: &Principal,
        command: CreateKey,
        context: &RequestContext,
    ) -> Result<Answered<IssuedKey>, ManageKeyError> {
        let owner = principal.owner()?;
        let command = CreateKey { scopes: command.purpose.scopes(command.scopes), ..command };
        if !principal.scopes.cover(command.scopes) {
            return Err(ManageKeyError::ScopeNotHeld);
        }
        for _ in 0..Self::ROUNDS {
            if let Some(before) = self.idempotency.recall(principal, context).await? {
                return Ok(before);
            }
            let account = self.account_that_may(owner).await?;
            let now = self.clock.now();
            if command.expires_at.is_some_and(|end| end <= now) {
                return Err(ManageKeyError::AlreadyOver);
            }
            let prefix = command.prefixes.of(owner.environment);
            let issued = self.issuer.as_asked(now, prefix, owner, &command);
            let idempotency = self.idempotency.record(principal, &issued, now, context);
            let event = self.event(Action::KeyCreated, owner.account, issued.key.id, now, context);
            let most = self.policy.most(account.plan);
            match self
                .keys
                .create(
                    NewKey { key: issued.key.clone(), most, asker: principal.stamp(), idempotency },
                    event,
                )
                .await
            {
                Ok(()) => return Ok(context.answered(issued, now)),
                Err(CreateKeyRefused::LimitReached) => return Err(ManageKeyError::LimitReached { most }),
                Err(CreateKeyRefused::OwnerGone | CreateKeyRefused::Outdated) => {
                    return Err(ManageKeyError::Ended);
                }
                Err(CreateKeyRefused::Store(error)) => return Err(error.into()),
                Err(CreateKeyRefused::HandleTaken | CreateKeyRefused::Repeated) => {}
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Issues a key in the place of one, with the same label, rights, purpose and end. The old one is dead at once, with
    /// every token that was minted from it, or after the grace, which never extends its own end. A second secret is not
    /// issued again: what logged in with the old pair logs in no more.
    ///
    /// Of several requests that rotate one key at the same time exactly one gets a new one.
    pub async fn rotate(
        &self,
        principal: &Principal,
        id: KeyId,
        grace: Grace,
        prefix: SuccessorPrefix<'_>,
        context: &RequestContext,
    ) -> Result<Answered<RotatedKey>, ManageKeyError> {
        let owner = principal.owner()?;
        for _ in 0..Self::ROUNDS {
            if let Some(before) = self.idempotency.recall(principal, context).await? {
                return Ok(before);
            }
            let old = self.keys.find_of(owner, id).await?.ok_or(ManageKeyError::UnknownKey)?;
            if !principal.scopes.cover(old.scopes) {
                return Err(ManageKeyError::ScopeNotHeld);
            }
            self.account_that_may(owner).await?;
            let now = self.clock.now();
            match old.status(now) {
                KeyStatus::Active => {}
                KeyStatus::Superseded | KeyStatus::Expired | KeyStatus::Revoked => {
                    // By this very request, it may be, which came twice and was answered a moment ago.
                    let before = self.idempotency.recall(principal, context).await?;
                    return before.ok_or(ManageKeyError::NotActive);
                }
            }
            let issued = self.issuer.in_place_of(now, prefix.of(&old), &old);
            let rotated = RotatedKey { issued, from: id };
            let idempotency = self.idempotency.record(principal, &rotated, now, context);
            let good_until = grace.duration().map(|grace| now.saturating_add(grace));
            let action = if good_until.is_some() { Action::KeyRotatedWithGrace } else { Action::KeyRotated };
            let event = self.event(action, owner.account, id, now, context);
            let key = rotated.issued.key.clone();
            let rotation =
                KeyRotation { from: id, key, at: now, good_until, asker: principal.stamp(), idempotency };
            match self.keys.rotate(rotation, event).await {
                Ok(()) => return Ok(context.answered(rotated, now)),
                Err(RotateKeyRefused::NotActive) => {
                    let before = self.idempotency.recall(principal, context).await?;
                    return before.ok_or(ManageKeyError::NotActive);
                }
                Err(RotateKeyRefused::Outdated) => return Err(ManageKeyError::Ended),
                Err(RotateKeyRefused::Store(error)) => return Err(error.into()),
                Err(RotateKeyRefused::HandleTaken | RotateKeyRefused::Repeated) => {}
            }
        }
        Err(StoreError::Busy.into())
    }

    /// What this very request answered when it rotated the key that its token was minted from: that token is dead since.
    /// `None` if it is no such request.
    pub async fn rotated_before(
        &self,
        by: RotatedAway,
        id: KeyId,
        context: &RequestContext,
    ) -> Result<Option<Answered<RotatedKey>>, ManageKeyError> {
        if by.key != id {
            return Ok(None);
        }
        Ok(self.idempotency.recall(&by.principal, context).await?)
    }

    /// Ends a key, with every token that was minted from it. Ending it again changes nothing and is no error. A key
    /// may end itself.
    pub async fn revoke(
        &self,
        principal: &Principal,
        id: KeyId,
        context: &RequestContext,
    ) -> Result<KeySummary, ManageKeyError> {
        let owner = principal.owner()?;
        let key = self.keys.find_of(owner, id).await?.ok_or(ManageKeyError::UnknownKey)?;
        self.account_that_may(owner).await?;
        let now = self.clock.now();
        let event = self.event(Action::KeyRevoked, owner.account, id, now, context);
        if !key.state.is_standing() || !self.keys.revoke_of(owner, id, now, event).await? {
            // It has ended already: whoever is told so may rely on it.
            self.credentials.forget(Subject::Key(id));
        }
        self.find(principal, id).await
    }

    /// The account, if it may change its keys.
    async fn account_that_may(&self, owner: Owner) -> Result<Account, ManageKeyError> {
        let account = self.accounts.find(owner.account).await?.ok_or(ManageKeyError::Ended)?;
        if !self.policy.lets_change(&account) {
            return Err(ManageKeyError::AddressNotVerified);
        }
        Ok(account)
    }

    fn event(
        &self,
        action: Action,
        account: AccountId,
        id: KeyId,
        now: Instant,
        context: &RequestContext,
    ) -> AuditEvent {
        let (actor, target) = (Actor::Account(account), Target::Key(id));
        self.trail.event(now, Deed::to_account(&actor, action, &target, account), Some(context))
    }
}
