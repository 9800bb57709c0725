//! No file mentions a path of somebody's machine: it is wrong on every other one.

use super::{File, Violation};

/// Written in two parts, so that this file does not break its own rule.
const PLACES: &[&str] = &[concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/wo", "rk/")];

/// Any text file.
pub(super) fn check(file: &File) -> Vec<Violation> {
    let lines = (1..).zip(file.text.lines());
    lines
        .filter_map(|(number, line)| {
            let place = PLACES.iter().find(|place| mentions(line, place))?;
            Some(Violation::at(file, number, format!("a path below `{place}` is of one machine only")))
        })
        .collect()
}

/// As the start of a path, with a name after it: not in the middle of another path or address.
fn mentions(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        let after = line.get(at + place.len()..).and_then(|after| after.chars().next());
        let inside = |c: char| c.is_alphanumeric() || "._-~*})]".contains(c);
        !before.is_some_and(inside) && after.is_some_and(|c| c.is_alphanumeric() || "._-".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> usize {
        check(&File { path: "docs/a.md".into(), text: line.into() }).len()
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        let [root, home, work] = PLACES else { panic!("three places") };
        assert_eq!(found(&format!("see {root}.cargo")), 1);
        assert_eq!(found(&format!("`{home}ada/keyward`")), 1);
        assert_eq!(found(&format!("PATH={work}main")), 1);
    }

    #[test]
    fn other_paths_are_not() {
        let [root, home, work] = PLACES else { panic!("three places") };
        assert_eq!(found(&format!("crates{work}main")), 0);
        assert_eq!(found(&format!("https://example.com{home}page")), 0);
        assert_eq!(found(&format!("ProtectHome hides {home} and {root}")), 0);
    }
}
