//! What admins do with accounts, besides changing their status.

use super::{Account, AccountCursor, AccountService, AdministerAccountError, EmailAddress, Plan};
use crate::audit::{Action, Actor, Deed, Target};
use crate::ids::AccountId;
use crate::request::RequestContext;
use crate::revocations::Subject;
use crate::store::StoreError;

impl AccountService {
    /// Finds out which schemes of password hashes are stored, so that none of them shows by its time. Others may have
    /// imported some meanwhile, and some may have gone with the logins that hash them anew.
    pub async fn look_at_passwords(&self) -> Result<(), StoreError> {
        self.passwords.expect(&self.accounts.password_examples().await?).await;
        Ok(())
    }

    /// The account of this id, whatever its status.
    pub async fn find(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.accounts.find(id).await
    }

    /// At most `limit` accounts, newest first, of one e-mail address or of all, beginning behind `after`.
    pub async fn page(
        &self,
        email: Option<EmailAddress>,
        after: Option<AccountCursor>,
        limit: u16,
    ) -> Result<Vec<Account>, StoreError> {
        self.accounts.page(email, after, limit).await
    }

    /// Puts an account on a plan. The same plan again changes nothing and is no error.
    pub async fn set_plan(
        &self,
        id: AccountId,
        plan: Plan,
        actor: &Actor,
        context: &RequestContext,
    ) -> Result<(), AdministerAccountError> {
        for _ in 0..Self::ROUNDS {
            let account = self.accounts.find(id).await?.ok_or(AdministerAccountError::UnknownAccount)?;
            if account.plan == plan {
                self.credentials.forget(Subject::Account(id));
                return Ok(());
            }
            let target = Target::Account(id);
            let deed = Deed::to_account(actor, Action::AccountPlanChanged, &target, id);
            let event = self.trail.event(self.clock.now(), deed, Some(context));
            // Somebody else changed it in between: look again. Each round means that another one got through.
            if self.accounts.set_plan(id, account.plan, plan, event).await? {
                return Ok(());
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Erases an account with its agents and keys, whatever its status. What is left of it are ids, in the audit
    /// trail. An account that is erased already is unknown.
    pub async fn erase(
        &self,
        id: AccountId,
        actor: &Actor,
        context: &RequestContext,
    ) -> Result<(), AdministerAccountError> {
        let target = Target::Account(id);
        let deed = Deed::to_account(actor, Action::AccountErased, &target, id);
        let event = self.trail.event(self.clock.now(), deed, Some(context));
        if self.accounts.erase(id, event).await? {
            Ok(())
        } else {
            Err(AdministerAccountError::UnknownAccount)
        }
    }
}
