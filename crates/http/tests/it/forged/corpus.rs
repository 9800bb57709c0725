//! The corpus: every class of every file.

use super::families::Reason;
use super::forge::Forge;
use super::{
    brought_keys, claims, confused, extensions, kids, signatures, spellings, stamps, texts, unsigned,
};

/// Tokens that are forged in one way.
pub(super) struct Class {
    /// The row of the threat model.
    pub(super) threat: &'static str,
    /// What was done to them.
    pub(super) name: &'static str,
    /// Why they are refused. Whoever has no key of ours sees nothing but `InvalidToken`.
    pub(super) reason: Reason,
    pub(super) tokens: Vec<String>,
}

impl Class {
    /// Tokens that no key of ours has signed, or that are none of ours whatever they say.
    pub(super) fn invalid(
        threat: &'static str,
        name: &'static str,
        tokens: impl IntoIterator<Item = String>,
    ) -> Self {
        Self::of(threat, name, Reason::InvalidToken, tokens)
    }

    /// Tokens that are refused for this reason.
    pub(super) fn of(
        threat: &'static str,
        name: &'static str,
        reason: Reason,
        tokens: impl IntoIterator<Item = String>,
    ) -> Self {
        Self { threat, name, reason, tokens: tokens.into_iter().collect() }
    }
}

/// All classes. The same in every run, but for the keys and what these sign.
pub(super) fn classes(forge: &Forge) -> Vec<Class> {
    [
        unsigned::classes(forge),
        confused::classes(forge),
        kids::classes(forge),
        brought_keys::classes(forge),
        extensions::classes(forge),
        claims::classes(forge),
        stamps::classes(forge),
        texts::classes(forge),
        spellings::classes(forge),
        signatures::classes(forge),
    ]
    .into_iter()
    .flatten()
    .collect()
}
