//! What the binary does besides serving.

mod accounts;
mod audit;
mod backup;
mod client;
mod doctor;
mod imports;
mod keys;
mod master_key;
mod migrate;
mod organizations;
mod pages;
mod restore;
mod said;
mod table;

use std::process::ExitCode;

pub use accounts::Accounts;
pub use audit::Audit;
pub use backup::Backup;
use client::Client;
pub use doctor::doctor;
pub use imports::Import;
pub use keys::Keys;
pub use master_key::MasterKey;
pub use migrate::migrate;
pub use organizations::Organizations;
pub use restore::{Restore, restore};
pub use said::{print, refuse};

use crate::config::Config;

/// How a command prints what it found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Lines for a person.
    Text,
    /// JSON for a program.
    Json,
}

/// What admins ask a running server for.
#[derive(Debug, Clone)]
pub enum Administration {
    /// What to do with accounts.
    Accounts(Accounts),
    /// What to do with organizations.
    Organizations(Organizations),
    /// What to do with keys.
    Keys(Keys),
    /// What to do with the master key.
    MasterKey(MasterKey),
    /// What to take over from another system.
    Import(Import),
    /// Which part of the audit trail to show.
    Audit(Audit),
    /// Where to put a backup.
    Backup(Backup),
}

/// Asks the running server, as the admin whose key is at hand.
pub fn administer(config: &Config, command: &Administration, output: Output) -> ExitCode {
    let ask = |client: Client| match command {
        Administration::Accounts(command) => accounts::run(&client, command, output),
        Administration::Organizations(command) => organizations::run(&client, command, output),
        Administration::Keys(command) => keys::run(&client, command, output),
        Administration::MasterKey(command) => master_key::run(&client, command, output),
        Administration::Import(command) => imports::run(&client, command, output),
        Administration::Audit(command) => audit::run(&client, command, output),
        Administration::Backup(command) => backup::run(&client, command, output),
    };
    match Client::new(config).and_then(ask) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&error),
    }
}
