//! Ending tokens before their time: the one that was shown, or all of an account's.

use super::TokenService;
use crate::audit::{Action, Actor, Deed, Target};
use crate::principal::{Credential, Principal};
use crate::request::RequestContext;
use crate::revocations::{RevokedToken, Subject};
use crate::store::StoreError;

/// Why nothing was ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogOutError {
    /// The request shows an API key: that is revoked, not logged out.
    #[error("no token was shown")]
    NotAToken,
    /// The request is limited to an agent and cannot end what is the whole account's.
    #[error("the token is limited to an agent")]
    LimitedToAgent,
    /// The account is gone.
    #[error("no such account")]
    UnknownAccount,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TokenService {
    /// How often a change that others overtake is tried.
    const ROUNDS: usize = 8;

    /// Ends the token that makes this request. Ending it again is no error.
    pub async fn log_out(&self, principal: &Principal, context: &RequestContext) -> Result<(), LogOutError> {
        let Credential::Token { id, expires_at, .. } = principal.credential else {
            return Err(LogOutError::NotAToken);
        };
        let (actor, target) = (Actor::Account(principal.account), Target::Token(id));
        let deed = Deed::to_account(&actor, Action::TokenRevoked, &target, principal.account);
        let event = self.trail.event(self.clock.now(), deed, Some(context));
        // The verifier's leeway: until then a server would still take the token for a good one.
        let expires_at = expires_at.saturating_add(Self::REMEMBERED_BEYOND_EXPIRY);
        let token = RevokedToken { id, expires_at };
        if !self.revocations.revoke_token(token, event).await? {
            self.credentials.forget(Subject::Token(token));
        }
        Ok(())
    }

    /// Ends every token of the account that makes this request, this one included. Its keys stay good.
    pub async fn log_out_everywhere(
        &self,
        principal: &Principal,
        context: &RequestContext,
    ) -> Result<(), LogOutError> {
        if principal.agent.is_some() {
            return Err(LogOutError::LimitedToAgent);
        }
        let id = principal.account;
        for _ in 0..Self::ROUNDS {
            let account = self.accounts.find(id).await?.ok_or(LogOutError::UnknownAccount)?;
            let (actor, target) = (Actor::Account(id), Target::Account(id));
            let deed = Deed::to_account(&actor, Action::TokensRevoked, &target, id);
            let event = self.trail.event(self.clock.now(), deed, Some(context));
            if self.accounts.begin_epoch(id, account.epoch, None, event).await? {
                return Ok(());
            }
        }
        Err(StoreError::Busy.into())
    }
}
