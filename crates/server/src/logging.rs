//! Log lines to standard error: for a person on a terminal, as JSON for a collector.

use std::io::{IsTerminal, stderr};
use std::panic;

use tracing_subscriber::EnvFilter;

use crate::commands;

/// Starts logging. `filter` is known to parse; the listener's own chatter is left out unless it asks for it. A
/// second call, as in tests, changes nothing.
pub(crate) fn start(filter: &str) {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(format!("actix_server=warn,actix_http=off,{filter}")))
        .with_writer(stderr)
        .with_target(true);
    let is_terminal = stderr().is_terminal();
    let _ = if is_terminal {
        builder.try_init()
    } else {
        builder.json().flatten_event(true).with_span_list(false).try_init()
    };
}

/// Makes each panic one line: in the log, or before there is one, on standard error.
pub fn log_panics() {
    panic::set_hook(Box::new(log_panic));
}

/// Says where a thread panicked. Security: not what it said, which may repeat what it was working on.
fn log_panic(info: &panic::PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    if tracing::dispatcher::has_been_set() {
        tracing::error!(panic.location = place, "a thread panicked");
    } else {
        commands::refuse(&format!("a bug: a thread panicked at {place}"));
    }
}
