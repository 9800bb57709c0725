//! A file that appears whole or not at all, never in the place of another, and readable by its owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use keyward_domain::entropy::{Entropy, random_bytes};

use crate::key_file::directory_of;

/// A file that is being written. Dropped, it is gone.
pub(crate) struct Draft {
    file: File,
    /// Where it is while it is written.
    draft: PathBuf,
    /// Where it will be.
    path: PathBuf,
}

impl Draft {
    /// Begins a file that will be at this path, where none is.
    pub(crate) fn of(path: &Path, entropy: &dyn Entropy) -> io::Result<Self> {
        if path.symlink_metadata().is_ok() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let name = path.file_name().ok_or(ErrorKind::InvalidFilename)?.to_string_lossy();
        // Two at once must not write into one file.
        let random = u64::from_le_bytes(random_bytes(entropy));
        let draft = directory_of(path).join(format!("{name}.{random:016x}.new"));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        Ok(Self { file, draft, path: path.to_owned() })
    }

    /// Where it is for now.
    pub(crate) fn place(&self) -> &Path {
        &self.draft
    }

    /// Puts it where it belongs, so that it stays after a power cut.
    pub(crate) fn keep(self) -> io::Result<()> {
        self.file.sync_all()?;
        // A hard link, unlike a rename, fails where a file of this name has appeared in between.
        fs::hard_link(&self.draft, &self.path)?;
        let directory = directory_of(&self.path).to_owned();
        drop(self);
        File::open(directory)?.sync_all()
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Whoever was in the middle is told of their own failure; that this one cannot be removed would hide it.
        let _ = fs::remove_file(&self.draft);
    }
}
