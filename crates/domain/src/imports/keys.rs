//! Taking over keys of another system.

use std::collections::{HashMap, HashSet};

use super::{
    ForeignKeyRecord, ForeignKeyRefused, Import, ImportKeysError, ImportMode, ImportRefused, ImportService,
    Imported, ImportedKey, KeyOwner,
};
use crate::accounts::EmailAddress;
use crate::audit::{Action, Deed, Target};
use crate::ids::AccountId;
use crate::keys::{ForeignKey, KeyHandle};
use crate::store::StoreError;

impl ImportService {
    /// Takes over keys of another system: those that are not here and whose account is. What came of each, in their order;
    /// a batch that was taken over before is `Present` as a whole. How many keys an account may have does not count.
    pub async fn keys(
        &self,
        keys: &[ForeignKeyRecord],
        import: Import<'_>,
    ) -> Result<Vec<Imported<ForeignKeyRefused>>, ImportKeysError> {
        if !self.policy.accept_imported {
            return Err(ImportKeysError::NotAccepted);
        }
        let foreign: Vec<_> =
            keys.iter().map(|key| ForeignKey::of_digest(key.sha256, &*self.key_mac)).collect();
        for _ in 0..Self::ROUNDS {
            let owners = self.owners(keys).await?;
            let handles = foreign.iter().map(ForeignKey::handle).collect();
            let known = self.imports.handles_in_use(handles).await?;
            let mut taken: HashSet<KeyHandle> = known.into_iter().collect();
            let now = self.clock.now();
            let (mut outcomes, mut batch) = (Vec::with_capacity(keys.len()), Vec::new());
            for (record, key) in keys.iter().zip(&foreign) {
                let Some(account) = owners.of(&record.owner) else {
                    outcomes.push(Imported::Refused(ForeignKeyRefused::NoAccount));
                    continue;
                };
                if !taken.insert(key.handle()) {
                    outcomes.push(Imported::Present);
                    continue;
                }
                let key = self.issuer.imported(now, account, key, record);
                let target = Target::Key(key.id);
                let deed = Deed::to_account(import.actor, Action::KeyImported, &target, account);
                let event = self.trail.event(now, deed, Some(import.context));
                batch.push(ImportedKey { key, event });
                outcomes.push(Imported::New);
            }
            if import.mode == ImportMode::DryRun || batch.is_empty() {
                return Ok(outcomes);
            }
            // In one order in every batch, so that none waits for another that waits for it.
            batch.sort_by_key(|imported| imported.key.account);
            match self.imports.import_keys(batch).await {
                Ok(()) => return Ok(outcomes),
                Err(ImportRefused::Overtaken) => {}
                Err(ImportRefused::Store(error)) => return Err(error.into()),
            }
        }
        Err(StoreError::Busy.into())
    }

    async fn owners(&self, keys: &[ForeignKeyRecord]) -> Result<Owners, StoreError> {
        let (mut ids, mut addresses) = (HashSet::new(), HashMap::new());
        for key in keys {
            match &key.owner {
                KeyOwner::Account(id) => {
                    ids.insert(*id);
                }
                KeyOwner::Address(address) => {
                    addresses.insert(address.canonical(), address);
                }
            }
        }
        let addresses = addresses.into_values().cloned().collect();
        let holders = self.imports.holders(addresses).await?;
        Ok(Owners {
            by_id: self.imports.accounts_in_use(ids.into_iter().collect()).await?.into_iter().collect(),
            by_address: holders.into_iter().map(|(address, id)| (canonical(&address), id)).collect(),
        })
    }
}

/// The accounts that a batch is about.
struct Owners {
    by_id: HashSet<AccountId>,
    by_address: HashMap<String, AccountId>,
}

impl Owners {
    fn of(&self, owner: &KeyOwner) -> Option<AccountId> {
        match owner {
            KeyOwner::Account(id) => self.by_id.get(id).copied(),
            KeyOwner::Address(address) => self.by_address.get(address.canonical()).copied(),
        }
    }
}

fn canonical(address: &EmailAddress) -> String {
    address.canonical().to_owned()
}
