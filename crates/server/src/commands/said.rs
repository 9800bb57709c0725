//! What a command says at its end: what it found, or in one line why it did nothing.

use std::fmt;
use std::io::{Write, stdout};
use std::process::ExitCode;

use super::table::plain;

/// Says in one line why nothing was done. It may repeat what somebody else wrote, such as the name of a file.
#[allow(clippy::print_stderr, reason = "the one line of a refusal")]
pub fn refuse(why: &dyn fmt::Display) -> ExitCode {
    let line = plain(&why.to_string().replace(['\n', '\r'], " "));
    eprintln!("keyward: {line}");
    ExitCode::FAILURE
}

/// Prints what a command found. Whoever reads it may stop in the middle, as `head` does.
pub fn print(text: &str) {
    let _ = stdout().write_all(text.as_bytes());
}
