//! The one way by which a password lets anybody in, whatever they get for it: a token or a session.

use std::sync::Arc;

use super::{
    Account, AccountInactive, AccountLogin, AccountStore, EmailAddress, Password, PasswordError,
    PasswordHash, PasswordHasher, PasswordVerdict, Rehash,
};
use crate::audit::{Action, Actor, AuditEvent, AuditTrail, Deed, Target};
use crate::limits::{AdmitError, LimitService, Limited, LoginIdentity};
use crate::request::RequestContext;
use crate::store::StoreError;
use crate::time::Instant;

/// Why a password lets nobody in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckPasswordError {
    /// There were too many failures. Said of unknown addresses as well.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// No account has this address, or the password is wrong, or there is none: one answer for all.
    #[error("the address or the password is wrong")]
    Mismatch,
    /// The account may not act. Said only to those who know its password.
    #[error(transparent)]
    Account(#[from] AccountInactive),
    /// The password could not be compared.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AdmitError> for CheckPasswordError {
    fn from(error: AdmitError) -> Self {
        match error {
            AdmitError::Limited(limited) => Self::Limited(limited),
            AdmitError::Store(error) => Self::Store(error),
        }
    }
}

/// A password was right. Whoever is given something for it writes that down.
#[derive(Debug)]
#[must_use]
pub(crate) struct CheckedLogin {
    /// Whose it is.
    pub(crate) account: Account,
    /// A fresh hash in place of an outdated one.
    pub(crate) rehash: Option<Rehash>,
}

/// Says whose an address and a password are, behind the guard of that identity.
#[derive(Clone)]
pub(crate) struct PasswordCheck {
    pub(crate) accounts: Arc<dyn AccountStore>,
    pub(crate) passwords: Arc<dyn PasswordHasher>,
    pub(crate) limits: LimitService,
    pub(crate) trail: AuditTrail,
}

impl PasswordCheck {
    /// Whose they are.
    ///
    /// Security: each failure costs one look-up and one hash of equal cost, whether the address is unknown, the
    /// account has no password, or the password is wrong. A suspension is said only after the right password. The guard
    /// of the identity comes before all of that.
    pub(crate) async fn check(
        &self,
        email: &EmailAddress,
        password: &Password,
        context: &RequestContext,
    ) -> Result<CheckedLogin, CheckPasswordError> {
        let attempt = self.limits.attempt(&LoginIdentity::of_email(email), context.from).await?;
        let compared = self.compare(email, password).await;
        let (login, verdict) = match compared {
            Ok(matched) => {
                self.limits.login_succeeded(attempt).await?;
                matched
            }
            Err(CheckPasswordError::Mismatch) => return Err(CheckPasswordError::Mismatch),
            Err(undecided) => {
                self.limits.login_undecided(attempt).await;
                return Err(undecided);
            }
        };
        login.account.status.may_act()?;
        let rehash = self.rehash(password, login.password.as_ref(), verdict).await?;
        Ok(CheckedLogin { account: login.account, rehash })
    }

    /// What is written down of a login.
    pub(crate) fn event(&self, account: &Account, now: Instant, context: &RequestContext) -> AuditEvent {
        let id = account.id;
        let (actor, target) = (Actor::Account(id), Target::Account(id));
        let deed = Deed::to_account(&actor, Action::AccountLoggedIn, &target, id);
        self.trail.event(now, deed, Some(context))
    }

    /// The account of this address, if this is its password.
    async fn compare(
        &self,
        email: &EmailAddress,
        password: &Password,
    ) -> Result<(AccountLogin, PasswordVerdict), CheckPasswordError> {
        let found = self.accounts.find_login(email).await?;
        let stored = found.as_ref().and_then(|login| login.password.as_ref());
        let verdict = self.passwords.verify(password, stored).await?;
        match (found, verdict) {
            (Some(login), PasswordVerdict::Match | PasswordVerdict::MatchOutdated) => Ok((login, verdict)),
            (Some(_), PasswordVerdict::Mismatch) | (None, _) => Err(CheckPasswordError::Mismatch),
        }
    }

    /// A fresh hash where the stored one is outdated. A full queue is no reason to refuse a right password: the
    /// next login will do it.
    async fn rehash(
        &self,
        password: &Password,
        stored: Option<&PasswordHash>,
        verdict: PasswordVerdict,
    ) -> Result<Option<Rehash>, PasswordError> {
        let (Some(from), PasswordVerdict::MatchOutdated) = (stored, verdict) else {
            return Ok(None);
        };
        match self.passwords.rehash(password).await {
            Ok(to) => Ok(Some(Rehash { from: from.clone(), to })),
            Err(PasswordError::Busy) => Ok(None),
            Err(error @ PasswordError::Unreadable(_)) => Err(error),
        }
    }
}
