//! `ci`: everything that guards the project, in order, stopping at the first failure.

use std::time::Instant;

use anyhow::{Context, Result};

use crate::{codegen, fmt, lint, sabotage, schemathesis, setup, smoke, test, threats, tidy, units};

type Step = fn() -> Result<()>;

/// A verb of its own each, so that what failed can be run alone.
const STEPS: &[(&str, Step)] = &[
    ("setup", setup::run),
    ("fmt --check", || fmt::run(true)),
    ("tidy", tidy::run),
    ("lint", lint::run),
    ("codegen --check", || codegen::run(true)),
    ("test", || test::run(&[])),
    ("sabotage", || sabotage::run(false)),
    ("schemathesis", || schemathesis::run(false)),
    ("threats", threats::run),
    ("units", units::run),
    ("smoke", smoke::run),
];

/// Runs the steps; the last line says how it ended.
pub(crate) fn run() -> Result<()> {
    let start = now();
    for (number, (step, run)) in (1..).zip(STEPS) {
        println!("\n=== {number}/{} {step}", STEPS.len());
        let step_start = now();
        let result = run();
        println!("--- {step}: {:.1} s", step_start.elapsed().as_secs_f64());
        result.with_context(|| format!("ci failed at `cargo xtask {step}`"))?;
    }
    println!("\nci: all {} steps passed in {:.0} s", STEPS.len(), start.elapsed().as_secs_f64());
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "tells a person how long a step took; nothing depends on it")]
fn now() -> Instant {
    Instant::now()
}
