//! Prints `docs/dialects.md`: the route table, as a page.
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use keyward_http::dialects::is_spoken;
use keyward_http::{DialectName, RouteLimit, RouteRow, route_table};

const HEAD: &str = "\
# Dialects and their routes

Every route that there is, from the table that the server mounts them by. Do not edit this page:
`cargo xtask codegen` writes it. What holds for all routes is in [api-design.md](api-design.md).

* **Credentials**: what opens the route. *anyone* takes no notice of credentials, good or bad.
* **Scope**: what a credential that is narrowed to scopes will need. One without scopes has all rights of its owner,
  and none has scopes yet.
* **Limit**: what a request takes one of. *of an account* is that of the credential, *of a key* that behind it, or its
  account if there is none; without a good one it is `failed_credentials` or `anonymous`. *if it succeeds* is given back by what fails. The numbers are settings.
* **At the root**: whether the path also answers without the dialect's base path in front. Where two surfaces have
  one path, the first on this page has it there.
";

fn main() {
    print!("{HEAD}");
    let table = route_table();
    let mut surfaces: Vec<&str> = Vec::new();
    for row in &table {
        if surfaces.last() != Some(&row.surface) {
            surfaces.push(row.surface);
        }
    }
    for surface in surfaces {
        println!("\n## {surface}\n");
        println!("| method | path | at the root | credentials | scope | limit | use case |");
        println!("|---|---|---|---|---|---|---|");
        table.iter().filter(|row| row.surface == surface).for_each(print_row);
    }
    print_unspoken();
}

fn print_row(row: &RouteRow) {
    let credentials: Vec<&str> = row.credentials.iter().map(|kind| kind.as_str()).collect();
    println!(
        "| {} | `{}` | {} | {} | {} | {} | `{}` |",
        row.methods.join(", "),
        row.path,
        if row.root_path.is_some() { "yes" } else { "no" },
        if credentials.is_empty() { "anyone".to_owned() } else { credentials.join(", ") },
        row.scope.map_or_else(String::new, |scope| format!("`{scope}`")),
        limit(row.limit),
        row.use_case,
    );
}

fn limit(limit: RouteLimit) -> String {
    match limit {
        RouteLimit::Free(_) => "none".to_owned(),
        RouteLimit::PerNetwork(name) => format!("`{name}` of a network"),
        RouteLimit::PerAccount(name) => format!("`{name}` of an account"),
        RouteLimit::PerKey(name) => format!("`{name}` of a key"),
        RouteLimit::Guarded { attempts, successes } => {
            let attempts: Vec<String> = attempts.iter().map(|name| format!("`{name}`")).collect();
            let successes = successes.map(|name| format!("; `{name}` if it succeeds")).unwrap_or_default();
            format!("{} of a network{successes}", attempts.join(" and "))
        }
    }
}

fn print_unspoken() {
    let unspoken = DialectName::ALL.iter().filter(|name| !is_spoken(**name));
    let unspoken: Vec<&str> = unspoken.map(|name| name.as_str()).collect();
    if !unspoken.is_empty() {
        println!(
            "\n## Not spoken yet\n\nNames that are known, without routes so far: {}.",
            unspoken.join(", ")
        );
    }
}
