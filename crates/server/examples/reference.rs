//! Prints the configuration's reference: `toml` for the example file, `markdown` for the page.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what it is for")]

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("toml") => print!("{}", keyward_server::config::toml_example()),
        Some("markdown") => print!("{}", keyward_server::config::markdown()),
        _ => {
            eprintln!("usage: reference toml|markdown");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
