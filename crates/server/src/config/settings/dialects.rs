//! The settings that each dialect has of its own.

use keyward_domain::tokens::SigningAlgorithm;

use super::{Setting, file_only};
use crate::compose::DialectName;

/// Who may register at a dialect.
pub(in super::super) fn registration(name: DialectName) -> Setting {
    let key = match name {
        DialectName::Agora => "dialects.agora.registration",
        DialectName::Agrenting => "dialects.agrenting.registration",
        DialectName::Toromarket => "dialects.toromarket.registration",
        DialectName::Tradeready => "dialects.tradeready.registration",
        DialectName::Trucore => "dialects.trucore.registration",
    };
    file_only(
        key,
        "open",
        "Who may register: `open` for anybody, `approval` for those whom an admin has approved (nobody can be approved \
         in this version yet), `closed` for nobody.",
    )
}

/// How long a dialect's tokens live: the vendor's document says it.
pub(in super::super) fn token_lifetime(name: DialectName) -> Setting {
    let (key, default) = match name {
        DialectName::Agora => ("dialects.agora.token_lifetime_seconds", "900"),
        DialectName::Agrenting => ("dialects.agrenting.token_lifetime_seconds", "72000"),
        DialectName::Toromarket => ("dialects.toromarket.token_lifetime_seconds", "604800"),
        DialectName::Tradeready => ("dialects.tradeready.token_lifetime_seconds", "3600"),
        DialectName::Trucore => ("dialects.trucore.token_lifetime_seconds", "86400"),
    };
    file_only(key, default, "How long its tokens live, 60 to 2592000 seconds.")
}

/// How long a link that resets a password is good, where the vendor's document promises a time of its own.
pub(in super::super) fn reset_lifetime(name: DialectName) -> Option<Setting> {
    let (key, default) = match name {
        DialectName::Trucore => ("dialects.trucore.reset_lifetime_seconds", "86400"),
        DialectName::Agora | DialectName::Agrenting | DialectName::Toromarket | DialectName::Tradeready => {
            return None;
        }
    };
    let meaning =
        "How long a link that resets a password is good which was asked for there, 60 to 604800 seconds.";
    Some(file_only(key, default, meaning))
}

/// Where what Agora publishes of the supply of its token comes from.
pub(in super::super) const AGORA_METRICS_FILE: Setting = Setting {
    key: "dialects.agora.metrics_file",
    variable: None,
    default: None,
    default_note: "none: no chains, and 0 of everything",
    meaning: "JSON file with the supply that `/v0/metrics` shows. It is read again when it changes; one that is no good then \
              changes nothing.",
    has_file_form: false,
};

/// What signs a dialect's tokens.
pub(in super::super) fn algorithm(name: DialectName) -> Setting {
    let (key, default) = match name {
        DialectName::Agora => ("dialects.agora.algorithm", SigningAlgorithm::Rs256),
        DialectName::Agrenting => ("dialects.agrenting.algorithm", SigningAlgorithm::EdDsa),
        DialectName::Toromarket => ("dialects.toromarket.algorithm", SigningAlgorithm::EdDsa),
        DialectName::Tradeready => ("dialects.tradeready.algorithm", SigningAlgorithm::EdDsa),
        DialectName::Trucore => ("dialects.trucore.algorithm", SigningAlgorithm::EdDsa),
    };
    file_only(key, default.as_str(), "What signs its tokens: `EdDSA`, `ES256` or `RS256`.")
}
