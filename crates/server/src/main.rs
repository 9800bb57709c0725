//! The command line of `keyward`. Without a command it serves.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use keyward_server::commands::{
    self, Accounts, Administration, Audit, Backup, Import, Keys, MasterKey, Organizations, Output, Restore,
};
use keyward_server::config::{Config, Environment};
use keyward_server::serve;

/// The identity server for AI agents.
#[derive(Parser)]
#[command(name = "keyward", version)]
struct Cli {
    /// Configuration file; without it ./keyward.toml counts if it is there.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Apply pending migrations, then listen.
    Serve,
    /// Apply pending migrations and exit.
    Migrate {
        /// Change nothing; exit 1 if something is pending.
        #[arg(long)]
        check: bool,
    },
    /// Check configuration, database, keys, SMTP and GitHub; exit 1 if something is wrong.
    Doctor,
    /// List, suspend, resume, archive and erase accounts, by the running server.
    #[command(subcommand)]
    Accounts(Accounts),
    /// Make organizations, by the running server.
    #[command(subcommand)]
    Organizations(Organizations),
    /// List and revoke keys, by the running server.
    #[command(subcommand)]
    Keys(Keys),
    /// Exchange the master key for another, by the running server.
    #[command(subcommand)]
    MasterKey(MasterKey),
    /// Take over what another system knew, by the running server; exit 1 if any line is refused.
    #[command(subcommand)]
    Import(Import),
    /// Show the audit trail, newest first, by the running server.
    Audit(Audit),
    /// Write everything that is stored into one file, by the running server. The master key is not in it.
    Backup(Backup),
    /// Put a backup in the database's place, while no server runs.
    Restore(Restore),
    /// Print a script that completes commands in your shell.
    Completions {
        /// Which shell.
        shell: Shell,
    },
}

fn main() -> ExitCode {
    keyward_server::log_panics();
    let cli = Cli::parse();
    let output = if cli.json { Output::Json } else { Output::Text };
    if let Some(Command::Completions { shell }) = cli.command {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "keyward", &mut script);
        commands::print(&String::from_utf8_lossy(&script));
        return ExitCode::SUCCESS;
    }
    let config = Config::load(cli.config.as_deref(), Environment::of_process());
    match (config, cli.command) {
        (Ok(config), Some(Command::Migrate { check })) => commands::migrate(&config, check, output),
        (config, Some(Command::Doctor)) => commands::doctor(config.as_ref(), output),
        (Ok(config), Some(Command::Accounts(command))) => {
            commands::administer(&config, &Administration::Accounts(command), output)
        }
        (Ok(config), Some(Command::Organizations(command))) => {
            commands::administer(&config, &Administration::Organizations(command), output)
        }
        (Ok(config), Some(Command::Keys(command))) => {
            commands::administer(&config, &Administration::Keys(command), output)
        }
        (Ok(config), Some(Command::MasterKey(command))) => {
            commands::administer(&config, &Administration::MasterKey(command), output)
        }
        (Ok(config), Some(Command::Import(command))) => {
            commands::administer(&config, &Administration::Import(command), output)
        }
        (Ok(config), Some(Command::Audit(command))) => {
            commands::administer(&config, &Administration::Audit(command), output)
        }
        (Ok(config), Some(Command::Backup(command))) => {
            commands::administer(&config, &Administration::Backup(command), output)
        }
        (Ok(config), Some(Command::Restore(command))) => commands::restore(&config, &command, output),
        (Ok(config), Some(Command::Serve | Command::Completions { .. }) | None) => serve::run(&config),
        (Err(error), _) => commands::refuse(&error),
    }
}
