//! The dialects: one vendor's HTTP surface each, over the one domain.

mod agora;
mod mount;
mod tradeready;
mod trucore;

use keyward_domain::text_enum;

pub(crate) use mount::{addressed, mount, mount_at_hosts};

use crate::fault::Fault;
use crate::openapi::Words;
use crate::routes::Routes;

text_enum! {
    /// A vendor whose public auth document a dialect speaks.
    pub enum DialectName {
        /// Agora.
        Agora = "agora",
        /// Agrenting.
        Agrenting = "agrenting",
        /// ToroMarket.
        Toromarket = "toromarket",
        /// TradeReady.
        Tradeready = "tradeready",
        /// TruCore.
        Trucore = "trucore",
    }
}

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
