//! `keyward backup FILE`: everything that the running server stores, in one file.

use std::io::ErrorKind;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::client::{Client, CommandError};
use super::table::{plain, plain_json};
use super::{Output, print};
use crate::backup_file::BackupFile;
use crate::compose::{self, Seams};
use crate::draft::Draft;

/// Where to.
#[derive(Debug, Clone, Args)]
pub struct Backup {
    /// The file to write. It must not exist.
    file: PathBuf,
}

pub(super) fn run(client: &Client, Backup { file }: &Backup, output: Output) -> Result<(), CommandError> {
    let unwritable = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => CommandError::Exists(file.clone()),
        kind => CommandError::File(file.clone(), kind),
    };
    // Before the server is asked for anything.
    let mut draft = Draft::of(file, &*Seams::of_machine().entropy).map_err(unwritable)?;
    client.download(&["backups"], file, &mut draft)?;
    // What the server sent is what was written, to the last byte, or it is no backup.
    let mut backup = BackupFile::open(draft.place())?;
    backup.check(&compose::checksums())?;
    draft.keep().map_err(unwritable)?;
    let (bytes, sha256) = (backup.length(), backup.checksum());
    match output {
        Output::Text => {
            print(&format!("{}: {bytes} bytes, sha256 {sha256}\n", plain(&file.display().to_string())));
        }
        Output::Json => {
            let written = json!({"file": file, "bytes": bytes, "sha256": sha256});
            print(&format!("{}\n", plain_json(&written.to_string())));
        }
    }
    Ok(())
}
