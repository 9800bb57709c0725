//! No route without an authorization case, and no case that is not kept.
//!
//! The route table says what opens each route. Here each is asked by everybody: with nothing, with garbage, with
//! each kind of credential, with somebody else's, with revoked and suspended ones. A new route is red until it has
//! its line in `coverage/cases.rs`, which says how.

use std::collections::BTreeSet;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use keyward_domain::limits::LimitName;
use keyward_http::{CredentialKind, RouteLimit, RouteRow, route_table};
use keyward_testkit::app::{Database, TestApp};

use crate::coverage::{CASES, Case, Stage, Who, cases, violations};

/// What is wrong between the table and the cases: a route without a case, a case without a route, and either of
/// them twice.
fn uncovered(table: &[RouteRow], cases: &[Case]) -> Vec<String> {
    let mut gaps = Vec::new();
    let mut routes = BTreeSet::new();
    for row in table {
        for method in row.methods {
            if !routes.insert((*method, row.path.as_str())) {
                gaps.push(format!("{method} {} is mounted twice", row.path));
            }
        }
        if case_of(row, cases).is_none() {
            gaps.push(format!("{} {} has no case", row.methods[0], row.path));
        }
    }
    let mut seen = BTreeSet::new();
    for case in cases {
        if !table.iter().any(|row| is_of(case, row)) {
            gaps.push(format!("{} {} is the case of no route", case.method, case.path));
        }
        if !seen.insert((case.method, case.path)) {
            gaps.push(format!("{} {} has two cases", case.method, case.path));
        }
    }
    gaps
}

fn case_of<'a>(row: &RouteRow, cases: &'a [Case]) -> Option<&'a Case> {
    cases.iter().find(|case| is_of(case, row))
}

fn is_of(case: &Case, row: &RouteRow) -> bool {
    row.methods[0] == case.method && row.path == case.path
}

/// The row of this path, changed.
fn doctored(path: &str, change: impl FnOnce(&mut RouteRow)) -> RouteRow {
    let mut row = route_table().into_iter().find(|row| row.path == path).expect("a row");
    change(&mut row);
    row
}

#[test]
fn every_route_has_its_case() {
    assert_eq!(uncovered(&route_table(), CASES), [""; 0]);
}

#[test]
fn an_unlisted_route_and_a_case_of_none_are_found() {
    let unlisted = doctored("/health", |row| row.path = "/unlisted".to_owned());
    let mut table = route_table();
    table.push(unlisted.clone());
    assert_eq!(uncovered(&table, CASES), ["GET /unlisted has no case"]);

    // The same path by another method is another route.
    let mut table = route_table();
    table.push(RouteRow { methods: &["DELETE"], path: "/health".to_owned(), ..unlisted });
    assert_eq!(uncovered(&table, CASES), ["DELETE /health has no case"]);

    let stale = [CASES, &[cases::get("/gone")]].concat();
    assert_eq!(uncovered(&route_table(), &stale), ["GET /gone is the case of no route"]);
}

#[test]
fn a_route_or_a_case_that_stands_there_twice_is_found() {
    let mut table = route_table();
    table.push(doctored("/health", |row| row.methods = &["HEAD"]));
    let gaps = uncovered(&table, CASES);
    assert_eq!(gaps, ["HEAD /health is mounted twice", "HEAD /health has no case"]);
    let twice = [CASES, &[cases::get("/health")]].concat();
    assert_eq!(uncovered(&route_table(), &twice), ["GET /health has two cases"]);
}

#[test]
fn a_use_case_is_a_noun_and_a_verb() {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    for row in route_table() {
        let words = row.use_case.split_once('.');
        assert!(words.is_some_and(|(noun, verb)| is_word(noun) && is_word(verb)), "{row:?}");
    }
}

#[actix_web::test]
async fn threat_a2_every_route_lets_in_whom_its_row_names_and_nobody_else() {
    let stage = Stage::new().await;
    let mut wrong = Vec::new();
    for row in route_table() {
        let case = case_of(&row, CASES).unwrap_or_else(|| panic!("no case for {}", row.path));
        wrong.extend(violations(&stage, &row, case).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[actix_web::test]
async fn a_row_that_promises_more_or_less_than_its_route_keeps_is_found() {
    let stage = Stage::new().await;
    let by = |found: &[String], who: Who| found.iter().any(|line| line.contains(&format!("by {who:?}: ")));
    let check = async |row: RouteRow| {
        let case = case_of(&row, CASES).expect("a case");
        violations(&stage, &row, case).await
    };

    let open = doctored("/health", |row| row.credentials = &[CredentialKind::AccountKey]);
    let found = check(open).await;
    assert!(by(&found, Who::Nobody) && by(&found, Who::Own(CredentialKind::AgentKey)), "{found:?}");
    assert!(!by(&found, Who::Own(CredentialKind::AccountKey)), "{found:?}");

    let closed = doctored("/tradeready/api/v1/account/info", |row| row.credentials = &[]);
    let found = check(closed).await;
    assert!(by(&found, Who::Nobody) && by(&found, Who::Suspended(CredentialKind::AccountToken)), "{found:?}");

    let elsewhere = RouteLimit::PerNetwork(LimitName::Anonymous);
    let limited = doctored("/health", |row| row.limit = elsewhere);
    let found = check(limited).await;
    assert!(by(&found, Who::Nobody), "{found:?}");

    let narrow = doctored("/forward-auth", |row| row.credentials = &[CredentialKind::AccountToken]);
    let found = check(narrow).await;
    assert!(by(&found, Who::Own(CredentialKind::AgentKey)), "{found:?}");
}

/// Other ways to write a path that some router, proxy or file system would take for the same.
fn spellings(path: &str) -> Vec<String> {
    let last = path.rfind('/').expect("a path");
    let (folder, name) = path.split_at(last);
    let name = &name[1..];
    let first = name.as_bytes()[0];
    vec![
        format!("/{path}"),
        format!("{path}/"),
        format!("{path}//"),
        format!("{folder}//{name}"),
        format!("{folder}/./{name}"),
        format!("{folder}/x/../{name}"),
        format!("{folder}/%2e/{name}"),
        format!("{folder}%2f{name}"),
        format!("{folder}/%{first:02x}{}", &name[1..]),
        format!("{path}%00"),
        format!("{path}%20"),
        format!("{path};x=1"),
        format!("{path}.json"),
        format!("{path}?_method=GET"),
        path.to_uppercase(),
        path.replace('/', "\\/"),
    ]
}

#[actix_web::test]
async fn threat_a10_no_spelling_of_a_path_or_method_opens_a_protected_route() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = app.register("Alpha").await;
    for row in route_table().into_iter().filter(|row| !row.credentials.is_empty()) {
        let path = row.path.replace("{agent_id}", &alpha.agent_id).replace("{account_id}", &alpha.account_id);
        for spelling in spellings(&path) {
            for method in
                ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "PURGE"]
            {
                let Ok(uri) = spelling.parse::<actix_web::http::Uri>() else { continue };
                let request = TestRequest::default().method(method.parse::<Method>().expect("a method"));
                let request = request.uri(&uri.to_string()).insert_header(("x-http-method-override", "GET"));
                let answer = app.send(request.insert_header(("x-original-url", "/health"))).await;
                assert!((400..500).contains(&answer.status), "{method} {spelling}: {}", answer.status);
            }
        }
    }
}
