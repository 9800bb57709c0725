//! The route table: what is mounted, for whoever asks (a test, a page of the documentation).

use std::collections::BTreeSet;

use keyward_domain::scope::Scope;

use super::{CredentialKind, Routes};
use crate::OURS;
use crate::dialects::DIALECTS;
use crate::limits::RouteLimit;
use crate::openapi::Words;

/// A surface of our own: its routes belong to no dialect.
pub(crate) struct Surface {
    /// What the route table calls it.
    pub(crate) name: &'static str,
    /// What it is for, in a sentence or two.
    pub(crate) about: &'static str,
    /// Its routes, each with its whole path.
    pub(crate) routes: fn() -> Routes,
    /// How it refuses.
    pub(crate) words: fn() -> Words,
    /// Where it answers.
    pub(crate) hosts: Hosts,
}

/// At which hosts a surface of our own answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hosts {
    /// At any.
    Any,
    /// At any that does not belong to one dialect alone.
    NoDialects,
}

/// One route of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteRow {
    /// Whose it is: a dialect's name, or that of a surface of our own, such as `operations`.
    pub surface: &'static str,
    /// Its methods; `ANY` alone stands for all.
    pub methods: &'static [&'static str],
    /// Its path, at the dialect's base path; parameters stand in braces.
    pub path: String,
    /// Its path at the root, if it answers there too.
    pub root_path: Option<&'static str>,
    /// What opens it; empty if anyone may call it.
    pub credentials: &'static [CredentialKind],
    /// The scope that a credential which is narrowed to scopes needs.
    pub scope: Option<Scope>,
    /// What it leads to, as `noun.verb`.
    pub use_case: &'static str,
    /// What each request takes something of.
    pub limit: RouteLimit,
}

/// Every route that can be mounted: the surfaces of our own, then each dialect that this version speaks. It is made
/// by the very functions that mount them.
pub fn route_table() -> Vec<RouteRow> {
    let mut at_root = BTreeSet::new();
    let ours = OURS.iter().map(|surface| (surface.name, "", surface.routes));
    let dialects = DIALECTS.iter().map(|dialect| (dialect.name.as_str(), dialect.base_path, dialect.routes));
    let mut table = Vec::new();
    for (surface, base_path, routes) in ours.chain(dialects) {
        let routes = routes().listed;
        // Who is asked first at the root has the path, with all its methods.
        let taken = at_root.clone();
        at_root.extend(routes.iter().map(|route| shape(route.path)));
        table.extend(routes.into_iter().map(|route| RouteRow {
            surface,
            methods: route.methods,
            path: format!("{base_path}{}", route.path),
            root_path: (!taken.contains(&shape(route.path))).then_some(route.path),
            credentials: route.access.credentials,
            scope: route.access.scope,
            use_case: route.access.use_case,
            limit: route.access.limit,
        }));
    }
    table
}

/// The path without its parameters' names, which do not matter to the router.
fn shape(path: &str) -> Vec<&str> {
    path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect()
}
