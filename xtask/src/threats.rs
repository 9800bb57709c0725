//! `threats`: docs/threat-model.md against the tests, because a defence that no test names is a hope.
//!
//! A row `| J1 | what an attacker does | defended |` must have a test `fn threat_j1_…`; a row that is `later: …`
//! must not, or it is stale; `operator` is the operator's duty. No test may name a threat that is not there.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail};

use crate::sh;
use crate::tidy::{self, code};

/// Prints every threat with its tests, then every gap.
pub(crate) fn run() -> Result<()> {
    let model = fs::read_to_string(sh::root().join("docs/threat-model.md"))
        .context("cannot read docs/threat-model.md")?;
    let mut tests: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in tidy::files()?.iter().filter(|file| file.path.starts_with("crates/") && file.is_rust()) {
        for name in test_names(&file.text) {
            tests.entry(threat_of(name)).or_default().push(format!("{}::{name}", file.path));
        }
    }
    let threats = parse(&model);
    for threat in &threats {
        println!("{} {}: {}", threat.id, threat.text, threat.status);
        tests.get(&threat.id).into_iter().flatten().for_each(|test| println!("    {test}"));
    }
    let gaps = gaps(&threats, &tests);
    gaps.iter().for_each(|gap| println!("gap: {gap}"));
    if !gaps.is_empty() {
        bail!("{} gaps between docs/threat-model.md and the tests", gaps.len());
    }
    println!("threats: {} rows, {} tests, no gap", threats.len(), tests.values().flatten().count());
    Ok(())
}

/// One row of the threat model.
#[derive(Debug, PartialEq)]
struct Threat {
    id: String,
    text: String,
    status: String,
}

/// The rows whose first cell is a threat's id; every other line is prose.
fn parse(model: &str) -> Vec<Threat> {
    model.lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<Threat> {
    let line = line.trim().strip_prefix('|')?.replace(r"\|", "\u{0}");
    let mut cells = line.split('|').map(|cell| cell.replace('\u{0}', "|").trim().to_owned());
    let id = cells.next()?.trim_matches(['*', '`']).to_owned();
    let text = cells.next()?;
    let status = cells.next()?;
    is_id(&id).then_some(Threat { id, text, status })
}

/// A capital letter and a number.
fn is_id(word: &str) -> bool {
    let digits = word.strip_prefix(|first: char| first.is_ascii_uppercase());
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Functions whose name begins with `threat_`.
fn test_names(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter_map(|line| {
        let name = code::without_comment(line).split("fn threat_").nth(1)?;
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
        let start = line.find("fn threat_")? + "fn ".len();
        line.get(start..start + "threat_".len() + end)
    })
}

/// `J1` for `threat_j1_alg_none_is_refused`.
fn threat_of(test: &str) -> String {
    test.split('_').nth(1).unwrap_or_default().to_ascii_uppercase()
}

fn gaps(threats: &[Threat], tests: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut gaps = Vec::new();
    let mut seen = Vec::new();
    for Threat { id, status, .. } in threats {
        let tested = tests.contains_key(id);
        let later = status.strip_prefix("later").map(|reason| reason.trim_matches([' ', ':', ',']));
        if seen.contains(&id) {
            gaps.push(format!("{id} has two rows"));
        } else if status.starts_with("defended") && !tested {
            let name = id.to_ascii_lowercase();
            gaps.push(format!("{id} is defended, but no test is named threat_{name}_…"));
        } else if later.is_some() && tested {
            gaps.push(format!("{id} is later, but has a test: its row is stale"));
        } else if later.is_some_and(str::is_empty) {
            gaps.push(format!("{id} is later, but does not say what it waits for"));
        } else if later.is_none() && !status.starts_with("defended") && !status.starts_with("operator") {
            gaps.push(format!("{id} has the status `{status}`: it must be defended, later or operator"));
        }
        seen.push(id);
    }
    for (id, names) in tests.iter().filter(|(id, _)| !seen.contains(id)) {
        gaps.extend(names.iter().map(|name| format!("{name} names {id}, which has no row")));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(model: &str, source: &str) -> Vec<String> {
        let mut tests: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for name in test_names(source) {
            tests.entry(threat_of(name)).or_default().push(name.to_owned());
        }
        gaps(&parse(model), &tests)
    }

    #[test]
    fn rows_are_read_and_prose_is_not() {
        let model = "# Threats\n| # | threat | status |\n|---|---|---|\n| **J1** | alg \\| none | defended |\nJ2 is prose.\n";
        let row = Threat { id: "J1".into(), text: "alg | none".into(), status: "defended".into() };
        assert_eq!(parse(model), [row]);
    }

    #[test]
    fn a_defended_threat_needs_a_test() {
        let model = "| J1 | alg none | defended |\n| K10 | leak | defended by hashing |\n";
        let source = "#[test]\nfn threat_j1_alg_none_is_refused() {}\n// fn threat_k10_in_a_comment() {}\n";
        assert_eq!(found(model, source), ["K10 is defended, but no test is named threat_k10_…"]);
    }

    #[test]
    fn a_test_must_name_a_row_that_is_not_later() {
        let model = "| J1 | alg none | later: tokens |\n| J2 | jwk | later |\n| W1 | TLS | operator |\n";
        let source = "async fn threat_j1_x() {}\npub(crate) fn threat_z9_y() {}\n";
        let gaps = found(model, source);
        assert_eq!(
            gaps,
            [
                "J1 is later, but has a test: its row is stale",
                "J2 is later, but does not say what it waits for",
                "threat_z9_y names Z9, which has no row",
            ]
        );
    }

    #[test]
    fn a_row_needs_a_known_status_and_stands_once() {
        let gaps = found("| A1 | x | maybe |\n| A2 | y | operator |\n| A2 | y | operator |\n", "");
        assert_eq!(
            gaps,
            ["A1 has the status `maybe`: it must be defended, later or operator", "A2 has two rows"]
        );
    }
}
