//! Following a mailed link.

use std::sync::Arc;
use std::time::Duration;

use super::{
    Holdings, PasswordReset, PresentedSingleUseToken, Redemption, ResetPasswordError, SingleUsePurpose,
    SingleUseToken, SingleUseTokenRefused, SingleUseTokenStore, TokenDigest, VerifyAddressError,
};
use crate::accounts::{Account, NewPassword, PasswordHash, PasswordHasher};
use crate::audit::{Action, Actor, AuditEvent, AuditTrail, Deed, Target};
use crate::ids::AccountId;
use crate::limits::LimitService;
use crate::request::RequestContext;
use crate::sessions::SessionPolicy;
use crate::store::StoreError;
use crate::time::{Clock, Instant};

/// Use cases of single-use tokens. They are issued when their mail is sent: see [`crate::mail`].
#[derive(Clone)]
pub struct SingleUseTokenService {
    pub(crate) tokens: Arc<dyn SingleUseTokenStore>,
    pub(crate) token_digest: Arc<dyn TokenDigest>,
    pub(crate) passwords: Arc<dyn PasswordHasher>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) trail: AuditTrail,
    pub(crate) limits: LimitService,
    pub(crate) session_policy: SessionPolicy,
}

impl SingleUseTokenService {
    /// How long an expired token is told from an unknown one: a day, and some more.
    const REMEMBERED: Duration = Duration::from_secs(26 * 60 * 60);
    /// How often an account that others change meanwhile is looked at again.
    const ROUNDS: usize = 8;

    /// Whose token this is, if it can be used for this now. Looking uses nothing up.
    pub async fn look(
        &self,
        token: &str,
        purpose: SingleUsePurpose,
    ) -> Result<Result<Account, SingleUseTokenRefused>, StoreError> {
        let found = self.look_at(token, purpose, self.clock.now()).await?;
        Ok(found.map(|(_, account)| account))
    }

    /// What lets somebody act for this account now: what whoever made it still holds.
    pub async fn holdings(&self, account: AccountId) -> Result<Holdings, StoreError> {
        let now = self.clock.now();
        self.tokens.holdings(account, now, now.saturating_sub(self.session_policy.idle)).await
    }

    /// Notes that whoever shows this token reads what is sent to its account's address, and says which account that is.
    /// All that was issued before stays: whoever did not make the account takes it over instead.
    pub async fn verify_address(
        &self,
        token: &str,
        context: &RequestContext,
    ) -> Result<AccountId, VerifyAddressError> {
        let now = self.clock.now();
        let (found, account) = self.look_at(token, SingleUsePurpose::VerifyAddress, now).await??;
        let event = self.event(Action::AddressVerified, account.id, now, context);
        match self.tokens.verify_address(found.digest, now, event).await? {
            Redemption::Redeemed => Ok(account.id),
            Redemption::Refused(why) => Err(why.into()),
            Redemption::Overtaken => Err(StoreError::Busy.into()),
        }
    }

    /// Says whether a token could be used for this now. It is not used up, and nothing is written.
    pub async fn check(
        &self,
        token: &str,
        purpose: SingleUsePurpose,
    ) -> Result<Result<(), SingleUseTokenRefused>, StoreError> {
        let looked_at = self.look_at(token, purpose, self.clock.now()).await?;
        Ok(looked_at.map(|_| ()))
    }

    /// Puts another password in the place of a forgotten one: all tokens and sessions of the account end. On an account
    /// whose address was never verified every key ends too: whoever registered it may not be who the address belongs to.
    ///
    /// Security: a token is looked at before the password is hashed, so that texts which are no tokens cost no hash. This
    /// gives nothing away: a token has 256 random bits, so that whoever learns by the time taken that one is good had it
    /// from the mail.
    pub async fn reset_password(
        &self,
        token: &str,
        chosen: &str,
        context: &RequestContext,
    ) -> Result<(), ResetPasswordError> {
        self.choose_password(SingleUsePurpose::ResetPassword, token, chosen, context).await
    }

    /// Takes an account over that somebody else made with one's own address, by the link that asks whether the address is
    /// one's own: the address is verified, the password is another, and every key, token and session from before ends.
    ///
    /// Security: the link lives longer than one that resets a password, so it does this only as long as nobody has shown
    /// that the address is theirs.
    pub async fn take_over(
        &self,
        token: &str,
        chosen: &str,
        context: &RequestContext,
    ) -> Result<(), ResetPasswordError> {
        self.choose_password(SingleUsePurpose::VerifyAddress, token, chosen, context).await
    }

    async fn choose_password(
        &self,
        purpose: SingleUsePurpose,
        token: &str,
        chosen: &str,
        context: &RequestContext,
    ) -> Result<(), ResetPasswordError> {
        let mut hashed: Option<PasswordHash> = None;
        for _ in 0..Self::ROUNDS {
            let now = self.clock.now();
            let (found, account) = self.look_at(token, purpose, now).await??;
            let was_verified = account.is_verified();
            if was_verified && purpose == SingleUsePurpose::VerifyAddress {
                return Err(SingleUseTokenRefused::Unknown.into());
            }
            let password = match &hashed {
                Some(password) => password.clone(),
                None => {
                    let typed = account.email.as_ref().map_or("", |email| email.address.as_typed());
                    let known = [account.display_name.as_str(), typed, found.address.canonical()];
                    let password = self.passwords.hash(&NewPassword::parse(chosen, &known)?).await?;
                    hashed.insert(password).clone()
                }
            };
            let action = if was_verified { Action::PasswordReset } else { Action::AccountReclaimed };
            let event = self.event(action, account.id, now, context);
            let reset = PasswordReset { token: found.digest, purpose, password, was_verified };
            match self.tokens.reset_password(reset, now, event).await? {
                Redemption::Redeemed => {
                    // The reset is done, whatever becomes of this: failures that nobody forgets are forgotten by time.
                    let _ = self.limits.forgive_identity(&found.address, context.from).await;
                    return Ok(());
                }
                Redemption::Refused(why) => return Err(why.into()),
                Redemption::Overtaken => {}
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Deletes tokens that expired so long ago that nobody asks why.
    pub async fn forget_expired(&self) -> Result<(), StoreError> {
        self.tokens.forget(self.clock.now().saturating_sub(Self::REMEMBERED)).await
    }

    /// The token with its account, if it can be used.
    async fn look_at(
        &self,
        token: &str,
        purpose: SingleUsePurpose,
        now: Instant,
    ) -> Result<Result<(SingleUseToken, Account), SingleUseTokenRefused>, StoreError> {
        let Some(presented) = PresentedSingleUseToken::parse(token) else {
            return Ok(Err(SingleUseTokenRefused::Unknown));
        };
        let Some((found, account)) = self.tokens.find(presented.digest(&*self.token_digest)).await? else {
            return Ok(Err(SingleUseTokenRefused::Unknown));
        };
        Ok(found.check(purpose, &account, now).map(|()| (found, account)))
    }

    fn event(
        &self,
        action: Action,
        account: AccountId,
        now: Instant,
        context: &RequestContext,
    ) -> AuditEvent {
        let (actor, target) = (Actor::Account(account), Target::Account(account));
        self.trail.event(now, Deed::to_account(&actor, action, &target, account), Some(context))
    }
}
