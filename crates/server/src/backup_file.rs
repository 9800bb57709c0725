//! A backup's file, as `keyward backup` writes it and `keyward restore` reads it.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use keyward_domain::backups::{BackupSeal, Checksums};

/// How much is read at a time.
const PIECE: usize = 256 * 1024;

/// Why a file is no backup: one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackupFileError {
    /// It does not end with the seal that every whole one has.
    #[error("{path}: is no backup, or not a whole one", path = .0.display())]
    NotWhole(PathBuf),
    /// It has a seal, and not the checksum that this names.
    #[error("{path}: its checksum is wrong: it was altered or damaged", path = .0.display())]
    Altered(PathBuf),
    /// The machine refused.
    #[error("{path}: {error}", path = .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the machine said.
        error: io::Error,
    },
}

/// A backup's file, with a seal.
pub(crate) struct BackupFile {
    path: PathBuf,
    file: File,
    /// How long the database in it is.
    length: u64,
    seal: BackupSeal,
}

impl BackupFile {
    /// Opens a file that ends as a backup does.
    pub(crate) fn open(path: &Path) -> Result<Self, BackupFileError> {
        let refuse = |error| BackupFileError::Io { path: path.to_owned(), error };
        let not_whole = || BackupFileError::NotWhole(path.to_owned());
        let mut file = File::open(path).map_err(refuse)?;
        let metadata = file.metadata().map_err(refuse)?;
        let length = metadata.len().checked_sub(BackupSeal::LENGTH as u64);
        let length = length.filter(|_| metadata.is_file()).ok_or_else(not_whole)?;
        let mut end = [0; BackupSeal::LENGTH];
        file.seek(SeekFrom::Start(length)).and_then(|_| file.read_exact(&mut end)).map_err(refuse)?;
        let seal = BackupSeal::parse(&end).ok_or_else(not_whole)?;
        Ok(Self { path: path.to_owned(), file, length, seal })
    }

    /// Whether it is as it was made. Reads all of it.
    pub(crate) fn check(&mut self, checksums: &dyn Checksums) -> Result<(), BackupFileError> {
        self.copy(&mut io::sink(), checksums)
    }

    /// Writes the database in it, without the seal; at the end it is known whether it is as it was made.
    pub(crate) fn copy(
        &mut self,
        to: &mut impl Write,
        checksums: &dyn Checksums,
    ) -> Result<(), BackupFileError> {
        let refuse = |error| BackupFileError::Io { path: self.path.clone(), error };
        let mut sum = checksums.begin();
        self.file.seek(SeekFrom::Start(0)).map_err(refuse)?;
        let mut database = (&self.file).take(self.length);
        let mut piece = vec![0; PIECE];
        let mut copied = 0;
        loop {
            let read = match database.read(&mut piece) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                read => read.map_err(refuse)?,
            };
            let Some(read) = piece.get(..read).filter(|read| !read.is_empty()) else { break };
            sum.update(read);
            to.write_all(read).map_err(refuse)?;
            copied += read.len() as u64;
        }
        let is_intact = copied == self.length && BackupSeal::new(sum.finish()) == self.seal;
        if is_intact { Ok(()) } else { Err(BackupFileError::Altered(self.path.clone())) }
    }

    /// What its seal says: the checksum in hexadecimal.
    pub(crate) fn checksum(&self) -> String {
        self.seal.to_string()
    }

    /// How long the database in it is.
    pub(crate) const fn length(&self) -> u64 {
        self.length
    }
}
