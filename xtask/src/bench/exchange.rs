//! Keys exchanged for tokens, by each algorithm, against what nobody can do without: one signature and one answer.

use anyhow::{Context, Result};

use super::load::Load;
use super::numbers::{Outcome, Spread};
use super::process;
use super::report::{Line, Ratio, Target};
use super::rounds::{Contender, Effort, interleave};
use super::rows::Load as Kind;
use super::setting::{Setting, Tuning};
use super::stock::Stock;

/// Exchanges by one algorithm.
pub(super) struct Row {
    pub(super) name: &'static str,
    what: &'static str,
    /// What the yardstick is called.
    against: &'static str,
    /// As the configuration has it.
    algorithm: &'static str,
    /// As the bench program has it.
    primitive: &'static str,
}

/// The least ratio that is aimed at.
const TARGET: f64 = 0.6;

/// Each algorithm of a vendor's, or of ours.
pub(super) const ROWS: &[Row] = &[
    Row {
        name: "exchange-rs256",
        what: "key exchanged for an RS256 token",
        against: "bare RS256 signature and answer",
        algorithm: "RS256",
        primitive: "rs256",
    },
    Row {
        name: "exchange-eddsa",
        what: "key exchanged for an EdDSA token",
        against: "bare Ed25519 signature and answer",
        algorithm: "EdDSA",
        primitive: "ed25519",
    },
];

/// Measures one, at a server that signs so.
pub(super) fn measure(
    row: &Row,
    setting: &Setting<'_>,
    tuning: Tuning,
    stock: &Stock,
    effort: Effort,
) -> Result<Vec<Line>> {
    let server = setting.keyward(Tuning { agora: row.algorithm, ..tuning })?;
    let bare = setting.bare()?;
    let (nothing, load) = (Load::of_nothing(stock.directory())?, stock.load(Kind::Exchange)?);
    let own = |seconds: f64| {
        let (seconds, mut sign) = (seconds / 2.0, setting.bench());
        let signed = process::rate(sign.args(["sign", row.primitive, &seconds.to_string()]))?;
        let served = nothing.drive(setting.machine, &bare, seconds)?.per_second;
        Ok(Outcome::bare(one_after_the_other(signed, served)))
    };
    let own = Contender { name: row.against, measure: Box::new(own) };
    let exchange = |seconds: f64| load.drive(setting.machine, &server, seconds);
    let exchange = Contender { name: row.name, measure: Box::new(exchange) };
    let (level, series) = interleave(&own, std::slice::from_ref(&exchange), effort)?;
    let series = series.first().context("no contender")?;
    let yardstick = Line::of_series(row.against, row.against, &level).context("no round")?;
    let mut line = Line::of_series(row.name, row.what, series).context("no round")?;
    let value = Spread::of(series.ratios.iter().copied()).context("no round")?;
    line.ratio = Some(Ratio { to: row.against, value });
    line.target = Some(Target::AtLeast(TARGET));
    Ok(vec![yardstick, line])
}

/// How often in a second both are done, where each alone is done so often.
fn one_after_the_other(first: f64, second: f64) -> f64 {
    1.0 / (1.0 / first + 1.0 / second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_one_after_the_other_takes_both_times() {
        assert!((one_after_the_other(100.0, 25.0) - 20.0).abs() < 1e-9);
    }
}
