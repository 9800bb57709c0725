//! No dialect imports another: what two of them share belongs to all, or to the domain. And each has files of the same
//! names, so that two folders side by side show only what the vendors spell differently.

use super::code::{find_word, without_comment};
use super::{File, Violation};

const HOME: &str = "crates/http/src/dialects/";

/// What stands in each folder. What a vendor has much of stands below its file, in a folder of the file's name.
const FILES: &[&str] = &[
    "error.rs",
    "error/refusals.rs",
    "from_wire.rs",
    "handlers.rs",
    "mod.rs",
    "openapi.rs",
    "routes.rs",
    "to_wire.rs",
    "wire.rs",
];

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

/// Every file that a dialect lacks, and every one that the others would not have.
pub(super) fn check_folders(all: &[File]) -> Vec<Violation> {
    let mut folders: Vec<&str> = all.iter().filter_map(|file| dialect(&file.path)).collect();
    folders.sort_unstable();
    folders.dedup();

    let mut violations = Vec::new();
    for folder in folders {
        let home = format!("{HOME}{folder}/");
        let names: Vec<&str> = all.iter().filter_map(|file| file.path.strip_prefix(&home)).collect();
        let lacking = FILES.iter().filter(|name| !names.contains(name));
        violations.extend(
            lacking.map(|name| Violation::new(format!("{home}{name}"), "every dialect has this file")),
        );
        let is_below_a_file = |name: &str| {
            name.split_once('/').is_some_and(|(above, _)| FILES.contains(&format!("{above}.rs").as_str()))
        };
        let odd = names.iter().filter(|name| !FILES.contains(name) && !is_below_a_file(name));
        violations.extend(
            odd.map(|name| Violation::new(format!("{home}{name}"), "no other dialect has such a file")),
        );
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
    fn dialects_have_the_same_files() {
        let file = |name: &str| File { path: format!("{HOME}agora/{name}"), text: String::new() };
        let whole: Vec<File> = FILES.iter().map(|name| file(name)).collect();
        assert_eq!(check_folders(&whole).len(), 0);
        assert_eq!(check_folders(whole.get(1..).unwrap_or_default()).len(), 1);
        let more = |name: &str| {
            check_folders(&FILES.iter().map(|name| file(name)).chain([file(name)]).collect::<Vec<_>>()).len()
        };
        assert_eq!(more("wire/agents.rs"), 0);
        assert_eq!(more("supply.rs"), 1);
        assert_eq!(more("helpers/agents.rs"), 1);
    }

    #[test]
    fn the_table_of_dialects_names_them_all() {
        assert_eq!(found("crates/http/src/dialects/mod.rs", "use self::trucore::mount;"), 0);
        assert_eq!(found("crates/http/src/lib.rs", "dialects::trucore::mount"), 0);
    }
}
