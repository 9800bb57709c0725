//! What checks of keys feel of 500 clients that want to log in with a password, all at the same time.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use super::load::Load;
use super::numbers::{Outcome, Spread};
use super::process::{self, Background};
use super::report::{Line, Ratio, Target, Unit};
use super::rounds::Effort;
use super::setting::{Server, Setting};

const CLIENTS: &str = "500";
/// Over how many connections keys are checked: few, so that what is seen is the server and not a queue before it.
const CONNECTIONS: u32 = 8;

/// Checks keys alone, then beside the logins, over and over.
pub(super) fn measure(
    setting: &Setting<'_>,
    server: &Server,
    keys: &Load,
    login: &str,
    effort: Effort,
) -> Result<Vec<Line>> {
    let keys = keys.over(CONNECTIONS);
    let (mut alone, mut beside, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..effort.rounds {
        println!("checks beside {CLIENTS} logins: round {} of {}", round + 1, effort.rounds);
        let quiet = p99(keys.drive(setting.machine, server, effort.seconds)?)?;
        let seconds = (effort.seconds + 3.0).to_string();
        let mut clients = process::command(&setting.machine.measuring(), &setting.programs.bench);
        clients.args(["logins", &server.address.to_string(), login, CLIENTS, &seconds]);
        let logins = Background::start(clients.stdin(Stdio::null()))?;
        std::thread::sleep(std::time::Duration::from_secs(1)); // All of them have asked once by then.
        let loud = p99(keys.drive(setting.machine, server, effort.seconds)?)?;
        drop(logins);
        println!("  p99 alone {quiet:.2} ms, beside them {loud:.2} ms");
        alone.push(quiet);
        beside.push(loud);
        ratios.push(loud / quiet);
    }
    let line = |name: &str, what: &str, numbers: Vec<f64>| -> Result<Line> {
        let value = Spread::of(numbers).context("nothing was measured")?;
        let (name, what) = (name.to_owned(), what.to_owned());
        Ok(Line {
            name,
            what,
            unit: Unit::Milliseconds,
            value,
            latency: None,
            server_us: None,
            ratio: None,
            target: None,
            failed: 0,
        })
    };
    let quiet = line("waiting-alone", "p99 of checks alone", alone)?;
    let mut loud = line("waiting", "p99 of checks beside 500 waiting logins", beside)?;
    let value = Spread::of(ratios).context("nothing was measured")?;
    loud.ratio = Some(Ratio { to: "alone", value });
    loud.target = Some(Target::AtMost(3.0));
    Ok(vec![quiet, loud])
}

fn p99(outcome: Outcome) -> Result<f64> {
    ensure!(outcome.failed == 0, "{} checks failed", outcome.failed);
    Ok(outcome.latency.context("a load tool that sees no latency")?.p99)
}
