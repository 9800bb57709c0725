//! No dialect imports another: what two of them share belongs to all, or to the domain.

use super::code::{find_word, without_comment};
use super::{File, Violation};

const HOME: &str = "crates/http/src/dialects/";

/// A sibling's name as a segment of a path, or in the braces of an import.
pub(super) fn check(file: &File, all: &[File]) -> Vec<Violation> {
    let Some(own) = dialect(&file.path) else {
        return Vec::new();
    };
    let mut siblings: Vec<&str> = all.iter().filter_map(|file| dialect(&file.path)).collect();
    siblings.retain(|sibling| *sibling != own);
    siblings.sort_unstable();
    siblings.dedup();

    let mut violations = Vec::new();
    for (number, line) in (1..).zip(file.text.lines()) {
        for sibling in siblings.iter().filter(|sibling| names(without_comment(line), sibling)) {
            violations.push(Violation::at(file, number, format!("dialect {own} imports dialect {sibling}")));
        }
    }
    violations
}

/// The folder, for a file in a folder of its own; what stands beside the folders is shared.
fn dialect(path: &str) -> Option<&str> {
    path.strip_prefix(HOME)?.split_once('/').map(|(dialect, _)| dialect)
}

fn names(code: &str, sibling: &str) -> bool {
    let Some(at) = find_word(code, sibling) else {
        return false;
    };
    let before = code.get(..at).unwrap_or_default();
    let after = code.get(at + sibling.len()..).unwrap_or_default();
    before.ends_with("::")
        || after.starts_with("::")
        || before.contains("dialects::{")
        || before.contains("super::{")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, line: &str) -> usize {
        let file = |path: &str, text: &str| File { path: path.into(), text: text.into() };
        let all = [
            file("crates/http/src/dialects/agora/mod.rs", ""),
            file("crates/http/src/dialects/trucore/mod.rs", ""),
        ];
        check(&file(path, line), &all).len()
    }

    #[test]
    fn a_dialect_does_not_name_its_sibling() {
        let wire = "crates/http/src/dialects/agora/wire.rs";
        assert_eq!(found(wire, "use super::super::trucore::wire;"), 1);
        assert_eq!(found(wire, "use crate::dialects::trucore;"), 1);
        assert_eq!(found(wire, "use crate::dialects::{Shape, trucore};"), 1);
        assert_eq!(found(wire, "use crate::dialects::agora::error;"), 0);
        assert_eq!(found(wire, "let base = \"trucore\"; // dialects::trucore"), 0);
    }

    #[test]
    fn the_table_of_dialects_names_them_all() {
        assert_eq!(found("crates/http/src/dialects/mod.rs", "use self::trucore::mount;"), 0);
        assert_eq!(found("crates/http/src/lib.rs", "dialects::trucore::mount"), 0);
    }
}
