//! Files that a person can read: a first line that says what it is, a length, a name.

use super::code::{is_test, lines_outside_tests};
use super::{File, Violation};

const LONGEST: usize = 400;
const LONGEST_MOD: usize = 80;
const NAMELESS: &[&str] = &["utils.rs", "common.rs", "helpers.rs"];

/// Rust files; tests may be as long as they like.
pub(super) fn check(file: &File) -> Vec<Violation> {
    let mut violations = Vec::new();
    if !file.is_rust() {
        return violations;
    }
    let name = file.path.rsplit('/').next().unwrap_or_default();
    if NAMELESS.contains(&name) {
        violations.push(Violation::at(file, 1, format!("`{name}` says nothing: name the noun or the verb")));
    }
    if is_test(&file.path) {
        return violations;
    }
    if !file.text.starts_with("//!") {
        violations.push(Violation::at(file, 1, "the first line says what the file is: `//! …`"));
    }
    let limit = if name == "mod.rs" { LONGEST_MOD } else { LONGEST };
    let length = lines_outside_tests(&file.text);
    if length > limit {
        violations.push(Violation::at(file, length, format!("{length} lines; {name} may have {limit}")));
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&File { path: path.into(), text: text.into() }).len()
    }

    #[test]
    fn a_file_says_what_it_is() {
        assert_eq!(found("crates/a/src/keys.rs", "//! Keys.\n"), 0);
        assert_eq!(found("crates/a/src/keys.rs", "use std::fs;\n"), 1);
        assert_eq!(found("crates/a/tests/it/keys.rs", "use std::fs;\n"), 0);
        assert_eq!(found("crates/a/src/utils.rs", "//! Things.\n"), 1);
    }

    #[test]
    fn a_file_has_an_end() {
        let lines = |count: usize| "//! x\n".repeat(count);
        assert_eq!(found("crates/a/src/keys.rs", &lines(400)), 0);
        assert_eq!(found("crates/a/src/keys.rs", &lines(401)), 1);
        assert_eq!(found("crates/a/src/keys/mod.rs", &lines(81)), 1);
        let tested = lines(400) + "#[cfg(test)]\nmod tests {\n" + &lines(100);
        assert_eq!(found("crates/a/src/keys.rs", &tested), 0);
        assert_eq!(found("crates/a/tests/keys.rs", &lines(900)), 0);
    }
}
