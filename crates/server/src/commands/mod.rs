//! What the binary does besides serving.

mod doctor;
mod migrate;
mod probe;

use std::fmt;
use std::io::{Write, stdout};
use std::process::ExitCode;

pub use doctor::doctor;
pub use migrate::migrate;

/// How a command prints what it found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Lines for a person.
    Text,
    /// JSON for a program.
    Json,
}

/// Says in one line why nothing was done.
#[allow(clippy::print_stderr, reason = "the one line of a refusal")]
pub fn refuse(why: &dyn fmt::Display) -> ExitCode {
    let line = why.to_string().replace(['\n', '\r'], " ");
    eprintln!("keyward: {line}");
    ExitCode::FAILURE
}

/// Prints what a command found. Whoever reads it may stop in the middle, as `head` does.
pub fn print(text: &str) {
    let _ = stdout().write_all(text.as_bytes());
}
