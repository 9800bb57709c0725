//! Every manifest takes its licence and its lints from the workspace: one that does not has silently left it.

use toml::{Table, Value};

use super::{File, Violation};

/// Each member's Cargo.toml; the root has neither.
pub(super) fn check(file: &File) -> Vec<Violation> {
    if !file.path.ends_with("/Cargo.toml") {
        return Vec::new();
    }
    let manifest: Table = match file.text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![Violation::new(&file.path, format!("is not TOML: {error}"))],
    };
    [
        (manifest.get("package").and_then(|package| package.get("license")), "license.workspace = true"),
        (manifest.get("lints"), "[lints] workspace = true"),
    ]
    .into_iter()
    .filter(|(table, _)| !is_inherited(*table))
    .map(|(_, wanted)| Violation::new(&file.path, format!("lacks `{wanted}`")))
    .collect()
}

fn is_inherited(table: Option<&Value>) -> bool {
    table.and_then(|table| table.get("workspace")).and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&File { path: path.into(), text: text.into() }).len()
    }

    #[test]
    fn a_member_inherits_both() {
        let whole = "[package]\nname = 'x'\nlicense.workspace = true\n[lints]\nworkspace = true\n";
        assert_eq!(found("crates/x/Cargo.toml", whole), 0);
        assert_eq!(found("crates/x/Cargo.toml", "[package]\nlicense = 'MIT'\n[lints.rust]\n"), 2);
        assert_eq!(found("Cargo.toml", "[workspace]\n"), 0);
    }
}
