//! Changing a password, which ends every token and session that was issued under the old one.

use super::{AccountService, ChangePasswordError, NewPassword, NewPasswordHash, Password, PasswordVerdict};
use crate::audit::{Action, Actor, Deed, Target};
use crate::ids::AccountId;
use crate::request::RequestContext;
use crate::store::StoreError;

impl AccountService {
    /// Puts a new password in the place of the present one. All of the account's tokens end with the commit; its keys
    /// stay good.
    ///
    /// Security: whoever asks shows the present password, a good token is not enough. It is compared once, whether or
    /// not there is one.
    pub async fn change_password(
        &self,
        id: AccountId,
        present: &Password,
        chosen: &NewPassword,
        context: &RequestContext,
    ) -> Result<(), ChangePasswordError> {
        let found = self.accounts.find_with_password(id).await?;
        let stored = found.as_ref().and_then(|login| login.password.as_ref());
        let verdict = self.passwords.verify(present, stored).await?;
        let (Some(login), Some(from), PasswordVerdict::Match | PasswordVerdict::MatchOutdated) =
            (&found, stored, verdict)
        else {
            return Err(ChangePasswordError::Mismatch);
        };
        login.account.status.may_act().map_err(|_| ChangePasswordError::Inactive)?;
        let password = NewPasswordHash { from: from.clone(), to: self.passwords.hash(chosen).await? };
        let (actor, target) = (Actor::Account(id), Target::Account(id));
        let deed = Deed::to_account(&actor, Action::PasswordChanged, &target, id);
        let event = self.trail.event(self.clock.now(), deed, Some(context));
        match self.accounts.begin_epoch(id, login.account.epoch, Some(password), event).await? {
            true => Ok(()),
            false => Err(StoreError::Busy.into()), // Somebody else changed it in between: nothing was done.
        }
    }
}
