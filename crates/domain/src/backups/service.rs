//! Making a backup, for admins.

use std::sync::Arc;

use super::{BackupSeal, BackupStore, BeginBackupError, Checksum, Checksums, DatabaseCopy};
use crate::audit::{Action, Actor, AuditTrail, Deed, Target};
use crate::request::RequestContext;
use crate::store::StoreError;
use crate::time::Clock;

/// Makes backups.
#[derive(Clone)]
pub struct BackupService {
    pub(crate) store: Arc<dyn BackupStore>,
    pub(crate) checksums: Arc<dyn Checksums>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) trail: AuditTrail,
}

impl BackupService {
    /// Begins a backup of what is in the database now.
    pub async fn begin(&self, actor: &Actor, context: &RequestContext) -> Result<Backup, BeginBackupError> {
        let deed = Deed { actor, action: Action::BackupMade, target: &Target::Database, account: None };
        let event = self.trail.event(self.clock.now(), deed, Some(context));
        let copy = self.store.begin(event).await?;
        Ok(Backup(Some(Pieces { copy, checksum: self.checksums.begin() })))
    }
}

/// A backup that was begun: the bytes of its file, piece by piece.
pub struct Backup(Option<Pieces>);

struct Pieces {
    copy: Box<dyn DatabaseCopy>,
    checksum: Box<dyn Checksum>,
}

impl Backup {
    /// The next piece of the file; `None` behind the last one, which is the [`BackupSeal`]. After an error there is
    /// nothing more: what came so far is no backup, and lacks the seal that would make it one.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(mut pieces) = self.0.take() else {
            return Ok(None);
        };
        let Some(piece) = pieces.copy.next().await? else {
            return Ok(Some(BackupSeal::new(pieces.checksum.finish()).to_bytes()));
        };
        pieces.checksum.update(&piece);
        self.0 = Some(pieces);
        Ok(Some(piece))
    }
}
