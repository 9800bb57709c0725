//! Log lines to standard error: for a person on a terminal, as JSON for a collector.

use std::fmt::Debug;
use std::io::{IsTerminal, stderr};
use std::panic;

use tracing::field::Field;
use tracing::subscriber::{Subscriber, set_global_default};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::format::debug_fn;
use tracing_subscriber::fmt::{FormatFields, MakeWriter, format};

use crate::{commands, metrics};

/// Starts logging. `filter` is known to parse; the listener's own chatter is left out unless it asks for it. A
/// second call, as in tests, changes nothing.
pub(crate) fn start(filter: &str) {
    let _ = if stderr().is_terminal() {
        set_global_default(for_a_person(filter, stderr))
    } else {
        set_global_default(for_a_collector(filter, stderr))
    };
}

fn filter(text: &str) -> EnvFilter {
    EnvFilter::new(format!("actix_server=warn,actix_http=off,{text}"))
}

/// One JSON object for each line, with the fields of the event beside its message, and the spans that it lies in.
fn for_a_collector<W>(text: &str, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt().with_env_filter(filter(text)).with_writer(writer);
    builder.json().flatten_event(true).with_current_span(false).with_span_list(true).finish()
}

fn for_a_person<W>(text: &str, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt().with_env_filter(filter(text)).with_writer(writer);
    builder.fmt_fields(fields()).finish()
}

/// Security: what comes from outside, such as a database's message, begins no line of its own and steers no terminal.
fn fields() -> impl for<'a> FormatFields<'a> + Send + Sync + 'static {
    debug_fn(write_field).delimited(" ")
}

fn write_field(writer: &mut format::Writer<'_>, field: &Field, value: &dyn Debug) -> std::fmt::Result {
    if field.name() != "message" {
        write!(writer, "{}=", field.name())?;
    }
    for character in format!("{value:?}").chars() {
        if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') {
            write!(writer, "{}", character.escape_default())?;
        } else {
            writer.write_char(character)?;
        }
    }
    Ok(())
}

/// Makes each panic one line, in the log, or before there is one, on standard error; and counts it.
pub fn log_panics() {
    panic::set_hook(Box::new(log_panic));
}

/// Says where a thread panicked. Security: not what it said, which may repeat what it was working on.
fn log_panic(info: &panic::PanicHookInfo<'_>) {
    metrics::count_panic();
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    if tracing::dispatcher::has_been_set() {
        tracing::error!(panic.location = place, "a thread panicked");
    } else {
        commands::refuse(&format!("a bug: a thread panicked at {place}"));
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::Value;
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;

    use super::*;

    const HOSTILE: &str =
        "a\u{1b}[31mred\r\n{\"level\":\"INFO\",\"message\":\"forged\"}\u{85}\u{9b}31m\u{2028}end";

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Page {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    /// What is logged in a span at these places, one line each.
    fn log(page: &Page, subscriber: impl Subscriber + Send + Sync) -> Vec<String> {
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::debug_span!("request", request.id = "r1", account.id = tracing::field::Empty);
            span.record("account.id", "a1");
            span.in_scope(|| {
                tracing::error!(cause = HOSTILE, http.status = 503, "request failed");
                tracing::error!(cause = %HOSTILE, "{HOSTILE}");
                tracing::trace!("too fine");
            });
        });
        page.text().split('\n').filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    #[test]
    fn threat_a7_a_collector_gets_one_json_object_for_each_line_whatever_was_sent() {
        let page = Page::default();
        let writer = page.clone();
        let lines = log(&page, for_a_collector("debug", move || writer.clone()));
        assert_eq!(lines.len(), 2, "{lines:#?}");
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        OffsetDateTime::parse(line["timestamp"].as_str().unwrap(), &Rfc3339).unwrap();
        assert_eq!((&line["level"], &line["message"]), (&"ERROR".into(), &"request failed".into()));
        assert_eq!(line["target"], module_path!());
        assert_eq!((&line["http.status"], &line["cause"]), (&503.into(), &HOSTILE.into()));
        let span = &line["spans"][0];
        assert_eq!((&span["name"], &span["request.id"]), (&"request".into(), &"r1".into()));
        assert_eq!(span["account.id"], "a1");
        for line in lines {
            assert!(!line.contains('\u{1b}') && !line.contains('\r'), "{line:?}");
        }
    }

    #[test]
    fn threat_a7_what_was_sent_begins_no_line_on_a_terminal_and_steers_none() {
        let page = Page::default();
        let writer = page.clone();
        let lines = log(&page, for_a_person("debug", move || writer.clone()));
        assert_eq!(lines.len(), 2, "{lines:#?}");
        for line in lines {
            assert!(line.contains("request.id") && line.contains("r1") && line.contains("forged"), "{line}");
            for foreign in ["\u{1b}[31mred", "\r", "\u{85}", "\u{9b}", "\u{2028}"] {
                assert!(!line.contains(foreign), "{foreign:?} in {line:?}");
            }
        }
    }

    #[test]
    fn a_filter_that_leaves_spans_out_leaves_the_line_whole() {
        let page = Page::default();
        let writer = page.clone();
        let lines = log(&page, for_a_collector("info", move || writer.clone()));
        assert_eq!(lines.len(), 2, "{lines:#?}");
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(line["message"], "request failed");
    }
}
