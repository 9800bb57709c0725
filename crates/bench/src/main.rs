//! What Keyward is measured against: a bare web server, bare primitives, bare commits. And what a measurement needs
//! beside a load tool: a database full of keys, and clients that wait as they are told to.
//!
//! `cargo xtask bench` builds and drives it. Each command measures for some seconds and prints one line of JSON.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that measures: printing is its job")]

mod bare;
mod commits;
mod fill;
mod hashing;
mod logins;
mod measure;
mod signing;

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Whatever goes wrong ends the measurement.
type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Parser)]
enum Command {
    /// Serves 200 with two bytes to any request, until it is killed.
    Bare {
        /// Where.
        listen: SocketAddr,
    },
    /// Hashes passwords with argon2id and the server's parameters.
    Hash {
        /// For so many seconds.
        seconds: f64,
    },
    /// Signs a message of a token's length.
    Sign {
        /// With this.
        algorithm: signing::Algorithm,
        /// For so many seconds.
        seconds: f64,
    },
    /// Verifies an Ed25519 signature of such a message.
    Verify {
        /// For so many seconds.
        seconds: f64,
    },
    /// Commits one small row for each of so many clients, over and over.
    Commit {
        /// A SQLite file that is made anew, or a PostgreSQL URL.
        database: String,
        /// For so many seconds.
        seconds: f64,
        /// How many clients wait for their commits at a time.
        #[arg(long, default_value_t = 64)]
        clients: usize,
    },
    /// Makes a PostgreSQL of tests write to its disk, as one in production does.
    Durable {
        /// The URL.
        database: String,
    },
    /// Registers accounts, each with a key and with an agent that has another; prints the keys to a file.
    Fill {
        /// The URL of a database that the server has founded.
        database: String,
        /// The file with its master key.
        master_key: PathBuf,
        /// How many accounts.
        accounts: u64,
        /// Where the keys are written: one account on a line, its key, second secret and agent's key.
        out: PathBuf,
    },
    /// Has clients log in with a password again and again; one that is told to wait does so.
    Logins {
        /// Where the server is.
        server: SocketAddr,
        /// The body that each of them sends.
        body: String,
        /// How many clients.
        clients: usize,
        /// For so many seconds.
        seconds: f64,
    },
}

fn main() -> ExitCode {
    let done = match Command::parse() {
        Command::Bare { listen } => bare::serve(listen),
        Command::Hash { seconds } => hashing::run(seconds),
        Command::Sign { algorithm, seconds } => signing::sign(algorithm, seconds),
        Command::Verify { seconds } => signing::verify(seconds),
        Command::Commit { database, seconds, clients } => commits::run(&database, seconds, clients),
        Command::Durable { database } => commits::make_durable(&database),
        Command::Fill { database, master_key, accounts, out } => {
            fill::run(&database, &master_key, accounts, &out)
        }
        Command::Logins { server, body, clients, seconds } => logins::run(server, &body, clients, seconds),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
