//! What was measured, as a table for people and as JSON for programs.

use serde_json::{Value, json};

use super::machine::Machine;
use super::numbers::{Latency, Outcome, Spread};
use super::rounds::Series;

/// Everything that one run has measured.
pub(super) struct Report {
    pub(super) title: String,
    machine: String,
    machine_json: Value,
    pub(super) lines: Vec<Line>,
}

/// One line of it.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) what: String,
    pub(super) unit: Unit,
    pub(super) value: Spread,
    pub(super) latency: Option<Latency>,
    /// How much of its core's time the server spent on one, in microseconds.
    pub(super) server_us: Option<f64>,
    pub(super) ratio: Option<Ratio>,
    pub(super) target: Option<Target>,
    pub(super) failed: u64,
}

/// How a line stands to its yardstick.
pub(super) struct Ratio {
    pub(super) to: &'static str,
    pub(super) value: Spread,
}

/// What is aimed at: with a ratio the ratio, else the value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    AtLeast(f64),
    AtMost(f64),
}

/// What the value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    PerSecond,
    Milliseconds,
    Mebibytes,
}

impl Unit {
    const fn name(self) -> &'static str {
        match self {
            Self::PerSecond => "/s",
            Self::Milliseconds => "ms",
            Self::Mebibytes => "MiB",
        }
    }

    fn show(self, number: f64) -> String {
        match self {
            Self::PerSecond if number >= 1_000.0 => format!("{:.0}", (number / 100.0).round() * 100.0),
            Self::PerSecond | Self::Milliseconds | Self::Mebibytes => significant(number),
        }
    }
}

/// Three digits, more or less.
fn significant(number: f64) -> String {
    if number >= 100.0 {
        format!("{number:.0}")
    } else if number >= 10.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.2}")
    }
}

impl Line {
    /// A line of what was done in rounds. `None` if there was no round.
    pub(super) fn of_series(name: &str, what: &str, series: &Series) -> Option<Self> {
        Some(Self {
            name: name.to_owned(),
            what: what.to_owned(),
            unit: Unit::PerSecond,
            value: Spread::of(series.outcomes.iter().map(|outcome| outcome.per_second))?,
            latency: middle(&series.outcomes),
            server_us: Spread::of(series.outcomes.iter().filter_map(|outcome| outcome.server_us))
                .map(|spread| spread.median),
            ratio: None,
            target: None,
            failed: series.outcomes.iter().map(|outcome| outcome.failed).sum(),
        })
    }

    /// Whether what is aimed at is reached; nothing, if nothing is.
    pub(super) fn is_reached(&self) -> Option<bool> {
        let reached = self.ratio.as_ref().map_or(self.value.median, |ratio| ratio.value.median);
        Some(match self.target? {
            Target::AtLeast(least) => reached >= least,
            Target::AtMost(most) => reached <= most,
        })
    }

    fn markdown(&self) -> String {
        let latency = self.latency.map(|at| format!("{} / {}", significant(at.p50), significant(at.p99)));
        let ratio = self.ratio.as_ref().map(|Ratio { to, value: Spread { median, low, high } }| {
            format!("**{median:.2}** ({low:.2} – {high:.2}) × {to}")
        });
        let sign = |target| match target {
            Target::AtLeast(least) => format!("≥ {least}"),
            Target::AtMost(most) => format!("≤ {most}"),
        };
        let verdict =
            self.is_reached().map_or("", |reached| if reached { ", reached" } else { ", **missed**" });
        let target = self.target.map(|target| format!("{}{verdict}", sign(target)));
        let failed = if self.failed == 0 { String::new() } else { format!(" ({} failed)", self.failed) };
        let Spread { median, low, high } = self.value;
        let show = |number| self.unit.show(number);
        format!(
            "| {} | {} {} ({} – {}){failed} | {} | {} | {} | {} |\n",
            self.what,
            show(median),
            self.unit.name(),
            show(low),
            show(high),
            self.server_us.map(significant).unwrap_or_default(),
            latency.unwrap_or_default(),
            ratio.unwrap_or_default(),
            target.unwrap_or_default(),
        )
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "what": self.what,
            "unit": self.unit.name(),
            "value": self.value.json(),
            "server_us": self.server_us,
            "latency_ms": self.latency.map(|at| json!({ "p50": at.p50, "p99": at.p99 })),
            "ratio": self.ratio.as_ref().map(|ratio| json!({ "to": ratio.to, "value": ratio.value.json() })),
            "target": self.target.map(|target| match target {
                Target::AtLeast(least) => json!({ "at_least": least }),
                Target::AtMost(most) => json!({ "at_most": most }),
            }),
            "reached": self.is_reached(),
            "failed": self.failed,
        })
    }
}

/// The medians of the rounds' own percentiles.
fn middle(outcomes: &[Outcome]) -> Option<Latency> {
    let of = |pick: fn(&Latency) -> f64| {
        Spread::of(outcomes.iter().filter_map(|outcome| outcome.latency.as_ref().map(pick)))
    };
    Some(Latency { p50: of(|at| at.p50)?.median, p99: of(|at| at.p99)?.median })
}

impl Report {
    pub(super) fn new(title: &str, machine: &Machine) -> Self {
        Self {
            title: title.to_owned(),
            machine: machine.describe(),
            machine_json: machine.json(),
            lines: Vec::new(),
        }
    }

    /// A table, each number a median with the lowest and the highest of its rounds.
    pub(super) fn markdown(&self) -> String {
        let head = "| | median (low – high) | server, µs each | p50 / p99, ms | ratio | target |\n|---|---|---|---|---|---|\n";
        let lines: String = self.lines.iter().map(Line::markdown).collect();
        format!("{}: {}.\n\n{head}{lines}", self.title, self.machine)
    }

    pub(super) fn json(&self) -> Value {
        let lines: Vec<Value> = self.lines.iter().map(Line::json).collect();
        json!({ "title": self.title, "machine": self.machine_json, "lines": lines })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_whether_its_target_is_reached() {
        let spread = |median| Spread { median, low: median, high: median };
        let mut line = Line {
            name: "key".to_owned(),
            what: "a key".to_owned(),
            unit: Unit::PerSecond,
            value: spread(123_456.0),
            latency: Some(Latency { p50: 0.2, p99: 12.34 }),
            server_us: Some(8.125),
            ratio: Some(Ratio { to: "bare", value: spread(0.7) }),
            target: Some(Target::AtLeast(0.65)),
            failed: 0,
        };
        let shown = "| a key | 123500 /s (123500 – 123500) | 8.12 | 0.20 / 12.3 | **0.70** (0.70 – 0.70) × bare | ≥ 0.65, reached |\n";
        assert_eq!(line.markdown(), shown);
        line.target = Some(Target::AtLeast(0.75));
        assert_eq!(line.is_reached(), Some(false));
    }
}
