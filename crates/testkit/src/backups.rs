//! Copies of a database that do as they are told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use keyward_domain::audit::AuditEvent;
use keyward_domain::backups::{BackupStore, BeginBackupError, Checksum, Checksums, DatabaseCopy};
use keyward_domain::secret::Digest;
use keyward_domain::store::StoreError;

type Piece = Result<Vec<u8>, StoreError>;

/// Copies that consist of what a test says. For tests only.
#[derive(Clone, Default)]
pub struct FakeBackups {
    refusal: Option<BeginBackupError>,
    pieces: VecDeque<Piece>,
    events: Arc<Mutex<Vec<AuditEvent>>>,
}

impl FakeBackups {
    /// Each copy consists of these pieces, and breaks off at the first error.
    pub fn of(pieces: impl IntoIterator<Item = Piece>) -> Self {
        Self { pieces: pieces.into_iter().collect(), ..Self::default() }
    }

    /// None is begun.
    pub fn refusing(refusal: BeginBackupError) -> Self {
        Self { refusal: Some(refusal), ..Self::default() }
    }

    /// The events of the copies that were begun.
    pub fn events(&self) -> Vec<AuditEvent> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl BackupStore for FakeBackups {
    async fn begin(&self, event: AuditEvent) -> Result<Box<dyn DatabaseCopy>, BeginBackupError> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
        match &self.refusal {
            Some(refusal) => Err(refusal.clone()),
            None => Ok(Box::new(FakeCopy(self.pieces.clone()))),
        }
    }
}

struct FakeCopy(VecDeque<Piece>);

#[async_trait]
impl DatabaseCopy for FakeCopy {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.pop_front().transpose()
    }
}

/// Checksums that are what was put in: its length, and the sum of its bytes. For tests only.
#[derive(Debug, Clone, Copy)]
pub struct FakeChecksums;

#[derive(Default)]
struct Sum {
    length: u64,
    sum: u64,
}

impl Checksums for FakeChecksums {
    fn begin(&self) -> Box<dyn Checksum> {
        Box::new(Sum::default())
    }
}

impl Checksum for Sum {
    fn update(&mut self, piece: &[u8]) {
        self.length += piece.len() as u64;
        self.sum += piece.iter().map(|byte| u64::from(*byte)).sum::<u64>();
    }

    fn finish(self: Box<Self>) -> Digest {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.length.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.sum.to_be_bytes());
        Digest::new(bytes)
    }
}
