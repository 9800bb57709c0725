//! `cargo xtask VERB`: what developers and CI run, one verb per file.
//!
//! CI calls the same verbs as people do, so a green run here is a green run there.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for developers: printing is its job"
)]

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

mod apt;
mod bench;
mod browser;
mod ci;
mod codegen;
mod crash;
mod db;
mod dev;
mod env;
mod example;
mod fmt;
mod golden;
mod history;
mod included;
mod lint;
mod migration;
mod namespaces;
mod nodes;
mod postgres;
mod redis;
mod sabotage;
mod schemathesis;
mod setup;
mod sh;
mod slow;
mod smoke;
mod test;
mod threats;
mod tidy;
mod tool;
mod units;
mod verifiers;

/// Everything that guards Keyward, and what its developers need every day.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Everything that guards the project, in order, from a bare machine.
    Ci,
    /// Installs what a bare Debian lacks.
    Setup,
    /// Formats the workspace.
    Fmt {
        /// Changes nothing; fails if something is not formatted.
        #[arg(long)]
        check: bool,
    },
    /// Clippy, licences, bans and sources; advisories where a database is given.
    Lint,
    /// The rules of the house that no other tool knows.
    Tidy,
    /// All tests and examples, with PostgreSQL and Redis up; arguments go to `cargo test`.
    Test {
        /// Arguments for `cargo test`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// The scratch PostgreSQL, and new migrations.
    #[command(subcommand)]
    Db(db::Action),
    /// Writes the generated files.
    Codegen {
        /// Changes nothing; fails if a generated file is stale.
        #[arg(long)]
        check: bool,
    },
    /// The dialects' golden transcripts.
    Golden {
        /// Writes what the server answers now over the transcripts.
        #[arg(long)]
        bless: bool,
    },
    /// What Keyward does in a second, against what the machine could do; in release, for minutes.
    Bench(bench::Options),
    /// Kills the release server over and over under load; nothing may be lost.
    Crash {
        /// How many kills per database.
        #[arg(long, default_value_t = 100)]
        cycles: u32,
    },
    /// Revocations while clients ask, in release and at length: no check may outlive the answer.
    History {
        /// How many deeds of each kind per database.
        #[arg(long, default_value_t = 10_000)]
        deeds: u32,
    },
    /// Builds deliberate mistakes; the tests that are there for them must fail.
    Sabotage {
        /// The slow ones too.
        #[arg(long)]
        full: bool,
    },
    /// Asks the server what its OpenAPI description allows, and what it forbids; each answer must be as described.
    Schemathesis {
        /// Many more cases.
        #[arg(long)]
        full: bool,
    },
    /// Several servers over one PostgreSQL, in release: what ends at one is over at the others.
    Nodes {
        /// Thousands of revocations and hundreds of cuts, for minutes.
        #[arg(long)]
        full: bool,
    },
    /// Attacks the server with slow clients, while a probe asks it how it is.
    Slow {
        /// How many connections each attack opens.
        #[arg(long, default_value_t = 200)]
        connections: u32,
    },
    /// Each threat with the tests named after it; fails on a gap.
    Threats,
    /// Verifies the systemd unit, where systemd-analyze exists.
    Units,
    /// Builds the binary and checks what it links.
    Smoke,
    /// Runs the server in debug on scratch data.
    Dev,
}

fn main() -> ExitCode {
    match run(Cli::parse_from(env::arguments()).verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> Result<()> {
    match verb {
        Verb::Ci => ci::run(),
        Verb::Setup => setup::run(),
        Verb::Fmt { check } => fmt::run(check),
        Verb::Lint => lint::run(),
        Verb::Tidy => tidy::run(),
        Verb::Test { args } => test::run(&args),
        Verb::Db(action) => db::run(action),
        Verb::Codegen { check } => codegen::run(check),
        Verb::Golden { bless } => golden::run(bless),
        Verb::Bench(options) => bench::run(&options),
        Verb::Crash { cycles } => crash::run(cycles),
        Verb::History { deeds } => history::run(deeds),
        Verb::Sabotage { full } => sabotage::run(full),
        Verb::Schemathesis { full } => schemathesis::run(full),
        Verb::Nodes { full } => nodes::run(full),
        Verb::Slow { connections } => slow::run(connections),
        Verb::Threats => threats::run(),
        Verb::Units => units::run(),
        Verb::Smoke => smoke::run(),
        Verb::Dev => dev::run(),
    }
}
