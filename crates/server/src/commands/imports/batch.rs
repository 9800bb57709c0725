//! Lines that are sent together.

use serde::de::IgnoredAny;
use serde_json::Value;
use ureq::http::Method;
use zeroize::Zeroizing;

use super::super::client::{Client, CommandError};

/// The largest body that the server reads, less what stands around the lines.
const MOST_BYTES: usize = 64 * 1024 - 64;
/// The most lines that it takes at once.
const MOST_LINES: usize = 1_000;

/// A line is not sent: what is wrong with it.
pub(super) struct LineRefused(pub(super) &'static str);

/// What came of a batch.
#[derive(Default)]
pub(super) struct Report {
    pub(super) imported: u64,
    pub(super) present: u64,
    /// The number of the line, and why.
    pub(super) refused: Vec<(usize, String)>,
    /// The last line of the batch.
    pub(super) up_to: usize,
}

/// Lines that go together, as the text of the list that they will be.
pub(super) struct Batch {
    kind: &'static str,
    dry_run: bool,
    lines: Zeroizing<String>,
    numbers: Vec<usize>,
}

impl Batch {
    pub(super) fn new(kind: &'static str, dry_run: bool) -> Self {
        // Security: lines may hold hashes. Room for all of them at once, so that growing leaves no copy behind.
        Self { kind, dry_run, lines: Zeroizing::new(String::with_capacity(MOST_BYTES)), numbers: Vec::new() }
    }

    /// Takes a line in, and says whether there was room for it. Empty lines take none.
    pub(super) fn offer(&mut self, number: usize, line: &[u8]) -> Result<bool, LineRefused> {
        let text = str::from_utf8(line).map_err(|_| LineRefused("it is no UTF-8 text"))?.trim();
        if text.is_empty() {
            return Ok(true);
        }
        if text.len() >= MOST_BYTES {
            return Err(LineRefused("it is too long"));
        }
        let is_object = text.starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok();
        if !is_object {
            return Err(LineRefused("it is no JSON object"));
        }
        if self.numbers.len() == MOST_LINES || self.lines.len() + text.len() + 1 > MOST_BYTES {
            return Ok(false);
        }
        if !self.numbers.is_empty() {
            self.lines.push(',');
        }
        self.lines.push_str(text);
        self.numbers.push(number);
        Ok(true)
    }

    /// Sends what was taken in, and is empty again.
    pub(super) fn send(&mut self, client: &Client) -> Result<Report, CommandError> {
        let Some(&up_to) = self.numbers.last() else {
            return Ok(Report::default());
        };
        let body =
            Zeroizing::new(format!("{{\"dry_run\":{},\"{}\":[{}]}}", self.dry_run, self.kind, *self.lines));
        let answer = client.send_patiently(Method::POST, &["imports", self.kind], &body)?;
        let report = self.read(&answer.json, up_to).ok_or_else(|| client.unreadable())?;
        self.lines.clear();
        self.numbers.clear();
        Ok(report)
    }

    fn read(&self, answer: &Value, up_to: usize) -> Option<Report> {
        let count = |member: &str| answer.get(member)?.as_u64();
        let refused = answer.get("refused")?.as_array()?.iter().map(|line| {
            let index = usize::try_from(line.get("index")?.as_u64()?).ok()?;
            Some((*self.numbers.get(index)?, line.get("reason")?.as_str()?.to_owned()))
        });
        let refused = refused.collect::<Option<Vec<_>>>()?;
        Some(Report { imported: count("imported")?, present: count("present")?, refused, up_to })
    }
}
