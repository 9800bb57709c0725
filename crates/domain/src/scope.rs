//! What a credential may be narrowed to.
//!
//! A credential without scopes has all rights of its owner. One that was issued with scopes has those and no other,
//! and what is made with it has no more. Keyward's own routes name the scope that they need; the others are the
//! platform's behind, which is told of them.

use crate::text_enum;

text_enum! {
    /// One right that a narrowed credential can have.
    pub enum Scope {
        /// Look at the account.
        AccountRead = "account:read",
        /// Create, change and end the account's agents.
        AgentsManage = "agents:manage",
        /// List, create, rotate and revoke the account's keys.
        KeysManage = "keys:manage",
        /// TruCore: probe a transaction.
        AtfProbe = "atf:probe",
        /// TruCore: simulate a transaction.
        AtfSimulate = "atf:simulate",
        /// TruCore: verify a receipt.
        AtfVerify = "atf:verify",
        /// TruCore: have a decision explained.
        AtfExplain = "atf:explain",
        /// TruCore: speak MCP.
        AtfMcp = "atf:mcp",
    }
}

impl Scope {
    const fn bit(self) -> u32 {
        1 << (self as u32)
    }
}

/// What a credential may do: everything that its owner may, or these scopes and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scopes(Option<u32>);

impl Scopes {
    /// All rights of the owner, those that later releases add included.
    pub const ALL: Self = Self(None);

    /// These scopes and no other. Without any, it may only say whose it is.
    pub fn of(scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self(Some(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit())))
    }

    /// Whether this is among the rights.
    pub const fn allows(self, scope: Scope) -> bool {
        match self.0 {
            None => true,
            Some(bits) => bits & scope.bit() != 0,
        }
    }

    /// Whether everything that `others` allow is among the rights.
    pub const fn cover(self, others: Self) -> bool {
        match (self.0, others.0) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(others)) => others & !own == 0,
        }
    }

    /// The scopes that it was narrowed to, in the order of their declaration; `None` if it was not.
    pub fn listed(self) -> Option<impl Iterator<Item = Scope>> {
        let bits = self.0?;
        Some(Scope::ALL.iter().copied().filter(move |scope| bits & scope.bit() != 0))
    }

    /// These and that one.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        match self.0 {
            None => self,
            Some(bits) => Self(Some(bits | scope.bit())),
        }
    }

    /// What both allow.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        match (self.0, others.0) {
            (None, _) => others,
            (_, None) => self,
            (Some(own), Some(others)) => Self(Some(own & others)),
        }
    }
}

/// The credential is narrowed to scopes, and this is not one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the credential lacks the scope {0}")]
pub struct MissingScope(pub Scope);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrowed_credential_has_its_scopes_and_no_other() {
        let narrowed = Scopes::of([Scope::AtfMcp, Scope::AccountRead, Scope::AtfMcp]);
        for &scope in Scope::ALL {
            assert!(Scopes::ALL.allows(scope));
            assert_eq!(
                narrowed.allows(scope),
                [Scope::AtfMcp, Scope::AccountRead].contains(&scope),
                "{scope}"
            );
            assert!(!Scopes::of([]).allows(scope));
        }
        let listed: Vec<_> = narrowed.listed().into_iter().flatten().collect();
        assert_eq!(listed, [Scope::AccountRead, Scope::AtfMcp]);
        assert!(Scopes::ALL.listed().is_none());
    }

    #[test]
    fn narrower_is_covered_by_wider_and_never_the_reverse() {
        let (one, two) = (Scopes::of([Scope::AtfMcp]), Scopes::of([Scope::AtfMcp, Scope::AtfProbe]));
        for (wider, narrower) in [(Scopes::ALL, one), (two, one), (one, one), (one, Scopes::of([]))] {
            assert!(wider.cover(narrower), "{wider:?} {narrower:?}");
            assert_eq!(wider.and(narrower), narrower);
        }
        for (narrower, wider) in [(one, Scopes::ALL), (one, two), (Scopes::of([]), one)] {
            assert!(!narrower.cover(wider), "{narrower:?} {wider:?}");
            assert_eq!(wider.and(narrower), narrower);
        }
    }
}
