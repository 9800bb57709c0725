//! How far an import is, and what came of it.

use std::io::{Write, stderr};

use serde_json::json;

use super::super::table::plain;
use super::super::{Output, print};
use super::batch::Report;

/// After how many lines it says how far it is.
const STEP: usize = 10_000;

/// What came of the lines so far.
pub(super) struct Progress {
    output: Output,
    imported: u64,
    present: u64,
    refused: Vec<(usize, String)>,
    told: usize,
}

impl Progress {
    pub(super) const fn new(output: Output) -> Self {
        Self { output, imported: 0, present: 0, refused: Vec::new(), told: 0 }
    }

    /// A batch was taken.
    pub(super) fn add(&mut self, report: Report) {
        self.imported += report.imported;
        self.present += report.present;
        self.refused.extend(report.refused);
        if report.up_to / STEP > self.told {
            self.told = report.up_to / STEP;
            let line = format!("{} lines, {}\n", report.up_to, self.counts());
            let _ = stderr().write_all(line.as_bytes()); // Whoever does not read it loses nothing.
        }
    }

    /// A line was not sent.
    pub(super) fn refuse(&mut self, number: usize, why: &str) {
        self.refused.push((number, why.to_owned()));
    }

    pub(super) fn refused(&self) -> usize {
        self.refused.len()
    }

    /// Says what came of everything.
    pub(super) fn print(&mut self, kind: &str, dry_run: bool) {
        self.refused.sort();
        if self.output == Output::Json {
            let refused = self.refused.iter().map(|(line, reason)| json!({"line": line, "reason": reason}));
            let report = json!({
                "dry_run": dry_run,
                "imported": self.imported,
                "present": self.present,
                "refused": refused.collect::<Vec<_>>(),
            });
            print(&format!("{report}\n"));
            return;
        }
        for (line, reason) in &self.refused {
            print(&format!("line {line}: {}\n", plain(reason)));
        }
        let would = if dry_run { "dry run, nothing was written: " } else { "" };
        print(&format!("{kind}: {would}{}\n", self.counts()));
    }

    fn counts(&self) -> String {
        format!("{} imported, {} present, {} refused", self.imported, self.present, self.refused.len())
    }
}
