//! Use cases of imports.

use std::collections::HashSet;
use std::sync::Arc;

use super::{
    ForeignAccount, ForeignAccountRefused, ImportMode, ImportRefused, ImportStore, Imported, ImportedAccount,
};
use crate::accounts::{
    Account, AccountEmail, AccountStatus, Epoch, PasswordHasher, StartingBalance, UnusableHash,
};
use crate::audit::{Action, Actor, AuditTrail, Deed, Target};
use crate::entropy::Entropy;
use crate::ids::AccountId;
use crate::keys::{KeyIssuer, KeyMac, KeyPolicy};
use crate::request::RequestContext;
use crate::store::StoreError;
use crate::time::{Clock, Instant};

/// Who imports, by which request, and whether it counts.
#[derive(Debug, Clone, Copy)]
pub struct Import<'a> {
    /// Whether anything is written.
    pub mode: ImportMode,
    /// Who imports.
    pub actor: &'a Actor,
    /// By which request.
    pub context: &'a RequestContext,
}

/// Use cases of imports.
#[derive(Clone)]
pub struct ImportService {
    pub(crate) imports: Arc<dyn ImportStore>,
    pub(crate) passwords: Arc<dyn PasswordHasher>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) trail: AuditTrail,
    pub(crate) issuer: KeyIssuer,
    pub(crate) key_mac: Arc<dyn KeyMac>,
    pub(crate) policy: KeyPolicy,
}

impl ImportService {
    /// How often a batch that others overtake is tried. Each round finds what overtook the one before.
    pub(super) const ROUNDS: usize = 8;

    /// Takes over accounts of another system: those whose address nobody has, and that can be taken over. What came of
    /// each, in their order; a batch that was taken over before is `Present` as a whole.
    pub async fn accounts(
        &self,
        accounts: &[ForeignAccount],
        import: Import<'_>,
    ) -> Result<Vec<Imported<ForeignAccountRefused>>, StoreError> {
        for _ in 0..Self::ROUNDS {
            let now = self.clock.now();
            let addresses = accounts.iter().map(|account| account.email.clone()).collect();
            let in_use = self.imports.holders(addresses).await?;
            let mut taken: HashSet<&str> = in_use.iter().map(|(address, _)| address.canonical()).collect();
            let (mut outcomes, mut batch) = (Vec::with_capacity(accounts.len()), Vec::new());
            for account in accounts {
                outcomes.push(match self.refusal(account, now) {
                    Some(why) => Imported::Refused(why),
                    None if !taken.insert(account.email.canonical()) => Imported::Present,
                    None => {
                        batch.push(self.draft(account, now, import));
                        Imported::New
                    }
                });
            }
            if import.mode == ImportMode::DryRun || batch.is_empty() {
                return Ok(outcomes);
            }
            // Security: before they are stored, so that no login shows them.
            let passwords: Vec<_> = batch.iter().filter_map(|imported| imported.password.clone()).collect();
            self.passwords.expect(&passwords).await;
            match self.imports.import_accounts(batch).await {
                Ok(()) => return Ok(outcomes),
                Err(ImportRefused::Overtaken) => {}
                Err(ImportRefused::Store(error)) => return Err(error),
            }
        }
        Err(StoreError::Busy)
    }

    fn refusal(&self, account: &ForeignAccount, now: Instant) -> Option<ForeignAccountRefused> {
        if account.created_at.is_some_and(|created_at| created_at > now) {
            return Some(ForeignAccountRefused::FromTheFuture);
        }
        let checked = account.password.as_ref().map(|password| self.passwords.check(password));
        match checked {
            Some(Err(UnusableHash(why))) => Some(ForeignAccountRefused::UnusablePassword(why)),
            Some(Ok(())) | None => None,
        }
    }

    fn draft(&self, foreign: &ForeignAccount, now: Instant, import: Import<'_>) -> ImportedAccount {
        let id = AccountId::generate(now, &*self.entropy);
        let account = Account {
            id,
            display_name: foreign.display_name.clone(),
            email: Some(AccountEmail {
                address: foreign.email.clone(),
                verified_at: foreign.email_verified.then_some(now),
            }),
            status: AccountStatus::Active,
            epoch: Epoch::FIRST,
            starting_balance: StartingBalance::default(),
            plan: foreign.plan,
            created_at: foreign.created_at.unwrap_or(now),
        };
        let target = Target::Account(id);
        let deed = Deed::to_account(import.actor, Action::AccountImported, &target, id);
        let event = self.trail.event(now, deed, Some(import.context));
        ImportedAccount { account, password: foreign.password.clone(), event }
    }
}
