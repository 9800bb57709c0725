//! Rules about single lines: words that have one home, and what must not be left in code or tests.

use super::code::{find_word, is_test, without_comment};
use super::{File, Violation};

/// A word that may stand only in its homes.
struct Housed {
    word: &'static str,
    /// The rule is for files below.
    scope: &'static str,
    homes: &'static [&'static str],
    rule: &'static str,
}

const COMPOSE: &str = "only server/src/compose.rs and what stands below it name an adapter";

const HOUSED: &[Housed] = &[
    Housed {
        word: "sql_query",
        scope: "crates/",
        // The tests of erasure and of leaks read every column, past the adapter.
        homes: &[
            "crates/storage/src/native/",
            "crates/storage/tests/it/erasure.rs",
            "crates/server/tests/it/leaks/cells.rs",
        ],
        rule: "SQL by hand stands only below storage/src/native/",
    },
    Housed {
        word: "dsl::sql",
        scope: "crates/",
        homes: &["crates/storage/src/native/"],
        rule: "SQL by hand stands only below storage/src/native/",
    },
    Housed {
        word: "spawn_blocking",
        scope: "crates/",
        homes: &["crates/storage/src/db.rs"],
        rule: "only storage/src/db.rs hops to blocking threads",
    },
    Housed {
        word: "block_in_place",
        scope: "crates/",
        homes: &[],
        rule: "it blocks a worker that other requests need",
    },
    offline("std::net"),
    offline("tokio::net"),
    offline("std::fs"),
    offline("std::process"),
    adapter("keyward_http"),
    adapter("keyward_mcp"),
    adapter("keyward_storage"),
    adapter("keyward_crypto"),
    adapter("keyward_jwt"),
    adapter("keyward_cache"),
    adapter("keyward_limits"),
    adapter("keyward_mail"),
    adapter("keyward_github"),
];

const fn offline(word: &'static str) -> Housed {
    let rule = "what verifies tokens makes no connection, opens no file and starts no program";
    Housed { word, scope: "crates/jwt/src/", homes: &[], rule }
}

const fn adapter(word: &'static str) -> Housed {
    Housed { word, scope: "crates/server/src/", homes: &["crates/server/src/compose"], rule: COMPOSE }
}

/// Written in two parts, so that this file does not break its own rule.
const LEFT_OVER: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];
const CODE: &[&str] = &[".rs", ".toml", ".sql", ".html", ".css", ".js", ".yml", ".service", "Containerfile"];

/// All rules of this file.
pub(super) fn check(file: &File) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut previous = "";
    for (number, line) in (1..).zip(file.text.lines()) {
        let found = [left_over(file, line), unmerged(line), ignored(file, line), sleep(file, line, previous)];
        let found = found.into_iter().flatten().chain(housed(file, line));
        violations.extend(found.map(|rule| Violation::at(file, number, rule)));
        previous = line;
    }
    violations
}

fn housed(file: &File, line: &str) -> impl Iterator<Item = String> {
    let code = if file.is_rust() { without_comment(line) } else { "" };
    let broken = HOUSED.iter().filter(move |Housed { word, scope, homes, .. }| {
        file.path.starts_with(scope)
            && !homes.iter().any(|home| file.path.starts_with(home))
            && find_word(code, word).is_some()
    });
    broken.map(|Housed { word, rule, .. }| format!("`{word}`: {rule}"))
}

fn left_over(file: &File, line: &str) -> Option<String> {
    let is_code = CODE.iter().any(|ending| file.path.ends_with(ending));
    let word = LEFT_OVER.iter().find(|word| is_code && find_word(line, word).is_some())?;
    let numbered = line.split('#').skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    (!numbered).then(|| format!("`{word}` names its issue: `{word}(#12)`"))
}

/// In any file, documents above all: nothing else would notice it there.
fn unmerged(line: &str) -> Option<String> {
    let is_marker = ["<", ">"].iter().any(|sign| line.starts_with(&(sign.repeat(7) + " ")));
    is_marker.then(|| "two versions of this stand here: a merge was not finished".to_owned())
}

fn ignored(file: &File, line: &str) -> Option<String> {
    let scope = file.is_rust() && file.path.starts_with("crates/");
    (scope && without_comment(line).trim_start().starts_with("#[ignore"))
        .then(|| "a test that does not run is no test: no `#[ignore]`".to_owned())
}

fn sleep(file: &File, line: &str, previous: &str) -> Option<String> {
    if !(file.is_rust() && file.path.starts_with("crates/") && is_test(&file.path)) {
        return None;
    }
    let code = without_comment(line);
    let sleeps = ["thread::sleep", "time::sleep"].iter().any(|sleep| code.contains(sleep));
    let has_reason = |line: &str| line.split_once("// sleep:").is_some_and(|(_, why)| !why.trim().is_empty());
    (sleeps && !has_reason(line) && !has_reason(previous)).then(|| {
        "a test does not sleep; if it must, `// sleep: why` on this line or the one above".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(&File { path: path.into(), text: text.into() }).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_word_stays_in_its_home() {
        assert_eq!(found("crates/storage/src/native/sqlite.rs", "sql_query(x)").len(), 0);
        assert_eq!(found("crates/storage/src/keys.rs", "// no sql_query here").len(), 0);
        let message =
            "crates/storage/src/keys.rs:2: `sql_query`: SQL by hand stands only below storage/src/native/";
        assert_eq!(found("crates/storage/src/keys.rs", "\nsql_query(x)"), [message]);
        assert_eq!(found("crates/storage/src/db.rs", "spawn_blocking(f)").len(), 0);
        assert_eq!(found("crates/http/src/lib.rs", "spawn_blocking(f)").len(), 1);
        assert_eq!(found("crates/crypto/src/pool.rs", "block_in_place(f)").len(), 1);
    }

    #[test]
    fn what_verifies_tokens_names_no_network() {
        assert_eq!(found("crates/jwt/src/verifier.rs", "use std::net::TcpStream;").len(), 1);
        assert_eq!(found("crates/jwt/src/key_ring.rs", "std::fs::read(path)").len(), 1);
        assert_eq!(found("crates/jwt/src/key_ring.rs", "// no std::net here").len(), 0);
        assert_eq!(found("crates/server/src/serve.rs", "use std::net::SocketAddr;").len(), 0);
    }

    #[test]
    fn only_compose_names_an_adapter() {
        assert_eq!(found("crates/server/src/compose.rs", "use keyward_storage::Db;").len(), 0);
        assert_eq!(found("crates/server/src/compose/post.rs", "use keyward_mail::Composer;").len(), 0);
        assert_eq!(found("crates/server/src/commands/doctor.rs", "use keyward_storage::Db;").len(), 1);
        assert_eq!(found("crates/server/src/serve.rs", "use keyward_domain::Domain;").len(), 0);
        assert_eq!(found("crates/server/tests/it.rs", "use keyward_storage::Db;").len(), 0);
    }

    #[test]
    fn what_is_left_over_names_its_issue() {
        let word = LEFT_OVER.first().unwrap();
        assert_eq!(found("crates/a/src/b.rs", &format!("// {word}(#12): more")).len(), 0);
        assert_eq!(found("crates/a/src/b.rs", &format!("// {word}: more")).len(), 1);
        assert_eq!(found("migrations/sqlite/a/up.sql", &format!("-- {word}")).len(), 1);
        assert_eq!(found("README.md", word).len(), 0);
    }

    #[test]
    fn a_merge_is_finished_in_every_file() {
        for sign in ["<", ">"] {
            assert_eq!(found("README.md", &format!("{} main", sign.repeat(7))).len(), 1);
        }
        assert_eq!(found("README.md", "Title\n=======\n> > > > > > > quoted").len(), 0);
    }

    #[test]
    fn every_test_runs() {
        assert_eq!(found("crates/a/src/b.rs", "    #[ignore = \"slow\"]").len(), 1);
        assert_eq!(found("crates/a/src/b.rs", "    // not #[ignore]").len(), 0);
    }

    #[test]
    fn a_test_sleeps_only_with_a_reason() {
        let path = "crates/a/tests/it/b.rs";
        assert_eq!(found(path, "std::thread::sleep(d);").len(), 1);
        assert_eq!(found(path, "tokio::time::sleep(d).await; // sleep:").len(), 1);
        assert_eq!(found(path, "tokio::time::sleep(d).await; // sleep: SIGSTOP has no event").len(), 0);
        assert_eq!(found(path, "// sleep: SIGSTOP has no event\nthread::sleep(d);").len(), 0);
        assert_eq!(found("crates/a/src/b.rs", "thread::sleep(d);").len(), 0);
    }
}
