//! `keyward import …`: what another system knew, from a file with a JSON object on each line, in batches that the server
//! takes whole. A file may be sent again: what is there already is passed over.

mod batch;
mod progress;

use std::fs::File;
use std::io::{BufRead, BufReader, stdin};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use self::batch::{Batch, LineRefused};
use self::progress::Progress;
use super::Output;
use super::client::{Client, CommandError};

/// What to import.
#[derive(Debug, Clone, Subcommand)]
pub enum Import {
    /// Accounts, each line one: {"email": …, "password_hash": …, "display_name": …, "email_verified": …, "plan": …,
    /// "created_at": …}.
    Users(Lines),
    /// API keys, each line one: {"hash": …, "email" or "account": …, "name": …, "scopes": …, "expires_at": …,
    /// "enabled": …}. The hash is the SHA-256 of the key's text, in hex or base64.
    Keys(Lines),
}

/// Where the lines are, and whether they count.
#[derive(Debug, Clone, Args)]
pub struct Lines {
    /// The file; `-` is the standard input.
    file: PathBuf,
    /// Only say what would come of it.
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(client: &Client, command: &Import, output: Output) -> Result<(), CommandError> {
    let (kind, Lines { file, dry_run }) = match command {
        Import::Users(lines) => ("users", lines),
        Import::Keys(lines) => ("keys", lines),
    };
    let mut progress = Progress::new(output);
    let sent = send_all(client, kind, file, *dry_run, &mut progress);
    // What was done is said also if it ended early.
    progress.print(kind, *dry_run);
    sent?;
    match progress.refused() {
        0 => Ok(()),
        refused => Err(CommandError::LinesRefused(refused)),
    }
}

fn send_all(
    client: &Client,
    kind: &'static str,
    file: &Path,
    dry_run: bool,
    progress: &mut Progress,
) -> Result<(), CommandError> {
    let unreadable = |error: std::io::Error| CommandError::File(file.to_owned(), error.kind());
    let reader: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(file).map_err(unreadable)?))
    };
    let mut batch = Batch::new(kind, dry_run);
    for (number, line) in (1..).zip(reader.split(b'\n')) {
        let line = line.map_err(unreadable)?;
        match batch.offer(number, &line) {
            Ok(true) => {}
            Ok(false) => {
                progress.add(batch.send(client)?);
                // An empty batch takes every line that is fit for one.
                if let Err(LineRefused(why)) = batch.offer(number, &line) {
                    progress.refuse(number, why);
                }
            }
            Err(LineRefused(why)) => progress.refuse(number, why),
        }
    }
    progress.add(batch.send(client)?);
    Ok(())
}
