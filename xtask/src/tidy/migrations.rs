//! The two trees of migrations have the same steps, each with its way back.

use std::collections::BTreeSet;

use super::{File, Violation};

const TREES: [&str; 2] = ["migrations/sqlite/", "migrations/postgres/"];

/// Compares names of directories; what stands in them is the contract suites' business.
pub(super) fn check(files: &[File]) -> Vec<Violation> {
    let names: BTreeSet<&str> = TREES.iter().flat_map(|tree| directories(files, tree)).collect();
    let wanted = names.iter().flat_map(|name| {
        TREES.iter().flat_map(move |tree| ["up.sql", "down.sql"].map(|file| format!("{tree}{name}/{file}")))
    });
    wanted
        .filter(|path| !files.iter().any(|file| file.path == *path))
        .map(|path| Violation::new(path, "is missing: both trees have the same migrations, each up and down"))
        .collect()
}

fn directories<'a>(files: &'a [File], tree: &str) -> impl Iterator<Item = &'a str> {
    files.iter().filter_map(move |file| Some(file.path.strip_prefix(tree)?.split_once('/')?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(paths: &[&str]) -> Vec<String> {
        let files: Vec<File> =
            paths.iter().map(|path| File { path: (*path).into(), text: String::new() }).collect();
        check(&files).into_iter().map(|violation| violation.place).collect()
    }

    #[test]
    fn both_trees_go_up_and_down() {
        let mut paths =
            vec!["migrations/README.md", "migrations/sqlite/1_a/up.sql", "migrations/sqlite/1_a/down.sql"];
        paths.push("migrations/postgres/1_a/up.sql");
        assert_eq!(found(&paths), ["migrations/postgres/1_a/down.sql"]);
        paths.push("migrations/postgres/1_a/down.sql");
        assert_eq!(found(&paths), Vec::<String>::new());
    }
}
