//! The dependency rule: server → adapters → domain, and nothing else between our own crates.

use serde_json::Value;

use super::Violation;

const ADAPTERS: &[&str] = &["http", "mcp", "storage", "crypto", "jwt", "cache", "limits", "mail", "github"];

/// What would bring the web, SQL, a runtime or cryptography inside.
const BANNED_INSIDE: &[&str] = &[
    "actix-http",
    "actix-rt",
    "actix-web",
    "argon2",
    "aws-lc-rs",
    "bcrypt",
    "diesel",
    "diesel_migrations",
    "hyper",
    "jsonwebtoken",
    "libsqlite3-sys",
    "openssl",
    "pq-sys",
    "r2d2",
    "reqwest",
    "ring",
    "rusqlite",
    "sqlx",
    "tokio",
    "tokio-postgres",
    "tracing-subscriber",
    "ureq",
];

/// All that the crate which verifies tokens may depend on. None of it speaks to a network. tokio is there for its
/// channels: its features for sockets belong to others.
const OFFLINE: (&str, &[&str]) = (
    "keyward-jwt",
    &[
        "arc-swap",
        "async-trait",
        "aws-lc-rs",
        "base64",
        "jsonwebtoken",
        "keyward-domain",
        "quick_cache",
        "serde",
        "serde_json",
        "thiserror",
        "tokio",
    ],
);

/// The place of one of our packages in the house.
#[derive(Clone, Copy, PartialEq)]
enum Room {
    Domain,
    Adapter,
    Server,
    Testkit,
    Bench,
    Xtask,
}

/// `None` for a package that is not ours, `Some(Err)` for one of ours whose place nobody has decided.
fn room(package: &str) -> Option<Result<Room, ()>> {
    if package == "xtask" {
        return Some(Ok(Room::Xtask));
    }
    Some(match package.strip_prefix("keyward-")? {
        "domain" => Ok(Room::Domain),
        "server" => Ok(Room::Server),
        "testkit" => Ok(Room::Testkit),
        "bench" => Ok(Room::Bench),
        adapter if ADAPTERS.contains(&adapter) => Ok(Room::Adapter),
        _ => Err(()),
    })
}

/// Reads what `cargo metadata --no-deps` prints.
pub(super) fn check(metadata: &Value) -> Vec<Violation> {
    let packages = array(metadata, "packages");
    packages
        .flat_map(|package| {
            let name = text(package, "name");
            let undecided = "a new package: give it a place in the dependency rule, xtask/src/tidy/edges.rs";
            let broken: Vec<String> = match room(name) {
                Some(Ok(from)) => {
                    let broken = |to| broken_rule(from, to).or_else(|| online(name, to));
                    array(package, "dependencies").filter_map(broken).collect()
                }
                Some(Err(())) | None => vec![undecided.to_owned()],
            };
            broken.into_iter().map(move |message| Violation::new(name, message))
        })
        .collect()
}

/// The rule that this dependency breaks, in words.
fn broken_rule(from: Room, dependency: &Value) -> Option<String> {
    let name = text(dependency, "name");
    let dev = text(dependency, "kind") == "dev";
    let Some(to) = room(name) else {
        let banned = from == Room::Domain && !dev && BANNED_INSIDE.contains(&name);
        return banned
            .then(|| format!("depends on {name}: the domain has no web, SQL, runtime or crypto library"));
    };
    let Ok(to) = to else { return None };
    if is_allowed(from, to, dev) {
        return None;
    }
    Some(format!("{}depends on {name}: {}", if dev { "dev-" } else { "" }, rule(from, to, dev)))
}

/// The crate that verifies tokens makes no connection, and has nothing to make one with.
fn online(package: &str, dependency: &Value) -> Option<String> {
    let ((offline, allowed), name) = (OFFLINE, text(dependency, "name"));
    let is_dev = text(dependency, "kind") == "dev";
    (package == offline && !is_dev && !allowed.contains(&name)).then(|| {
        format!("depends on {name}: what verifies tokens has no network; if it speaks to none, list it")
    })
}

fn is_allowed(from: Room, to: Room, dev: bool) -> bool {
    match from {
        Room::Xtask => false,
        Room::Testkit => !matches!(to, Room::Xtask | Room::Bench),
        Room::Bench => matches!(to, Room::Domain | Room::Adapter),
        // The domain's examples show a service that links it with adapters.
        Room::Domain if dev => matches!(to, Room::Testkit | Room::Domain | Room::Adapter),
        Room::Adapter | Room::Server if dev => matches!(to, Room::Testkit | Room::Domain),
        Room::Domain => false,
        Room::Adapter => to == Room::Domain,
        Room::Server => matches!(to, Room::Domain | Room::Adapter),
    }
}

fn rule(from: Room, to: Room, dev: bool) -> &'static str {
    match from {
        Room::Xtask => "xtask depends on none of our crates",
        _ if dev => "among our crates, dev-dependencies name only testkit and domain",
        _ if to == Room::Testkit => "only dev-dependencies name testkit",
        Room::Domain => "the domain depends on none of our crates",
        Room::Adapter => "an adapter depends on the domain alone, never on another adapter",
        Room::Server => "the server depends on adapters and the domain",
        Room::Testkit => "testkit depends on our crates, but not on xtask",
        Room::Bench => "what is measured against depends on adapters and the domain",
    }
}

fn array<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(package: &str, dependency: &str, kind: Option<&str>) -> Vec<String> {
        let dependencies = json!([{ "name": dependency, "kind": kind }]);
        let metadata = json!({ "packages": [{ "name": package, "dependencies": dependencies }] });
        check(&metadata).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_edges_of_the_house_are_allowed() {
        for (from, to, kind) in [
            ("keyward-server", "keyward-http", None),
            ("keyward-server", "keyward-domain", None),
            ("keyward-storage", "keyward-domain", None),
            ("keyward-storage", "keyward-testkit", Some("dev")),
            ("keyward-domain", "keyward-storage", Some("dev")),
            ("keyward-testkit", "keyward-storage", None),
            ("keyward-bench", "keyward-storage", None),
            ("keyward-storage", "diesel", None),
            ("keyward-domain", "tokio", Some("dev")),
            ("keyward-domain", "serde_json", None),
        ] {
            assert_eq!(found(from, to, kind), Vec::<String>::new(), "{from} -> {to}");
        }
    }

    #[test]
    fn any_other_edge_is_a_violation() {
        for (from, to, kind) in [
            ("keyward-http", "keyward-storage", None),
            ("keyward-http", "keyward-storage", Some("dev")),
            ("keyward-http", "keyward-server", Some("dev")),
            ("keyward-jwt", "keyward-crypto", Some("build")),
            ("keyward-domain", "keyward-storage", None),
            ("keyward-storage", "keyward-testkit", None),
            ("keyward-server", "keyward-testkit", None),
            ("keyward-server", "keyward-bench", None),
            ("keyward-bench", "keyward-server", None),
            ("xtask", "keyward-domain", None),
            ("keyward-domain", "tokio", None),
        ] {
            assert_eq!(found(from, to, kind).len(), 1, "{from} -> {to}");
        }
    }

    #[test]
    fn what_verifies_tokens_has_no_network() {
        assert_eq!(found("keyward-jwt", "ureq", None).len(), 1);
        assert_eq!(found("keyward-jwt", "ureq", Some("dev")).len(), 0);
        assert_eq!(found("keyward-jwt", "base64", None).len(), 0);
        assert_eq!(found("keyward-http", "ureq", None).len(), 0);
    }

    #[test]
    fn the_message_states_the_rule() {
        let message = "keyward-http: dev-depends on keyward-storage: among our crates, dev-dependencies name only testkit and domain";
        assert_eq!(found("keyward-http", "keyward-storage", Some("dev")), [message]);
    }

    #[test]
    fn a_new_package_needs_a_place() {
        assert_eq!(found("keyward-cluster", "serde", None).len(), 1);
    }
}
