//! Changing a password, which ends every token and session that was issued under the old one.

use super::{
    Account, AccountEmail, AccountLogin, AccountService, ChangePasswordError, NewPassword, NewPasswordHash,
    Password, PasswordHash, PasswordVerdict,
};
use crate::audit::{Action, Actor, Deed, Target};
use crate::ids::AccountId;
use crate::limits::LoginIdentity;
use crate::request::RequestContext;
use crate::store::StoreError;

impl AccountService {
    /// Puts a new password in the place of the present one, and says how the account is now. All of its tokens and
    /// sessions end with the commit; its keys stay good.
    ///
    /// Security: whoever asks shows the present password, a good token or session is not enough. It is compared once,
    /// whether or not there is one, behind the guard of a login: a stolen session tries no more passwords than a stranger.
    pub async fn change_password(
        &self,
        id: AccountId,
        present: &Password,
        chosen: &NewPassword,
        context: &RequestContext,
    ) -> Result<Account, ChangePasswordError> {
        let found = self.accounts.find_with_password(id).await?;
        let email = found.as_ref().and_then(|login| login.account.email.as_ref());
        let identity = match email {
            Some(AccountEmail { address, .. }) => LoginIdentity::of_email(address),
            None => LoginIdentity::typed(&id.to_string()),
        };
        let attempt = self.limits.attempt(&identity, context.from).await?;
        let (login, from) = match self.compare_present(present, found).await {
            Ok(matched) => {
                self.limits.login_succeeded(attempt).await?;
                matched
            }
            Err(ChangePasswordError::Mismatch) => return Err(ChangePasswordError::Mismatch),
            Err(undecided) => {
                self.limits.login_undecided(attempt).await;
                return Err(undecided);
            }
        };
        let AccountLogin { account, .. } = login;
        account.status.may_act().map_err(|_| ChangePasswordError::Inactive)?;
        let password = NewPasswordHash { from, to: self.passwords.hash(chosen).await? };
        let (actor, target) = (Actor::Account(id), Target::Account(id));
        let deed = Deed::to_account(&actor, Action::PasswordChanged, &target, id);
        let event = self.trail.event(self.clock.now(), deed, Some(context));
        match self.accounts.begin_epoch(id, account.epoch, Some(password), event).await? {
            true => Ok(Account { epoch: account.epoch.next(), ..account }),
            false => Err(StoreError::Busy.into()), // Somebody else changed it in between: nothing was done.
        }
    }

    /// The account and its stored password, if this is it.
    async fn compare_present(
        &self,
        present: &Password,
        found: Option<AccountLogin>,
    ) -> Result<(AccountLogin, PasswordHash), ChangePasswordError> {
        let stored = found.as_ref().and_then(|login| login.password.clone());
        let verdict = self.passwords.verify(present, stored.as_ref()).await?;
        match (found, stored, verdict) {
            (Some(login), Some(from), PasswordVerdict::Match | PasswordVerdict::MatchOutdated) => {
                Ok((login, from))
            }
            (Some(_) | None, _, _) => Err(ChangePasswordError::Mismatch),
        }
    }
}
