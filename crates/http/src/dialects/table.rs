//! The table of the dialects that this version speaks: a row for each.

use super::{DialectName, agora, tradeready, trucore};
use crate::fault::Fault;
use crate::openapi::Words;
use crate::routes::Routes;

/// One dialect, as a row of [`DIALECTS`].
pub(crate) struct Dialect {
    /// Whose it is.
    pub(crate) name: DialectName,
    /// Where it is mounted complete.
    pub(crate) base_path: &'static str,
    /// What unknown paths at the root begin with when its words answer.
    pub(crate) root_prefixes: &'static [&'static str],
    /// Its routes.
    pub(crate) routes: fn() -> Routes,
    /// Its words for what comes from no use case.
    pub(crate) fault: fn(Fault) -> actix_web::HttpResponse,
    /// What it is for, in a sentence or two.
    pub(crate) about: &'static str,
    /// How it refuses, for who reads about it.
    pub(crate) words: fn() -> Words,
}

/// Every dialect that this version speaks.
pub(crate) const DIALECTS: &[Dialect] = &[
    Dialect {
        name: DialectName::Tradeready,
        base_path: tradeready::BASE_PATH,
        root_prefixes: &["/api/v1/"],
        routes: tradeready::routes,
        fault: tradeready::fault,
        about: tradeready::ABOUT,
        words: tradeready::words,
    },
    Dialect {
        name: DialectName::Trucore,
        base_path: trucore::BASE_PATH,
        root_prefixes: &["/auth/", "/customer/", "/dashboard/me"],
        routes: trucore::routes,
        fault: trucore::fault,
        about: trucore::ABOUT,
        words: trucore::words,
    },
    Dialect {
        name: DialectName::Agora,
        base_path: agora::BASE_PATH,
        root_prefixes: &["/v0/"],
        routes: agora::routes,
        fault: agora::fault,
        about: agora::ABOUT,
        words: agora::words,
    },
];

/// Whether this version speaks the dialect.
pub fn is_spoken(name: DialectName) -> bool {
    DIALECTS.iter().any(|dialect| dialect.name == name)
}
