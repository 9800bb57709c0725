//! Admins and diagnostics that do as they are told.

use async_trait::async_trait;
use keyward_domain::admin::{AdminAuthenticator, AdminName};
use keyward_domain::diagnostics::{Check, Diagnostics};

/// Knows one admin, by one key. For tests only.
#[derive(Debug, Clone, Copy)]
pub struct FakeAdmins;

impl FakeAdmins {
    /// The key of the admin `root`.
    pub const KEY: &'static str = "the-admin-key-of-at-least-32-characters";
}

impl AdminAuthenticator for FakeAdmins {
    fn authenticate(&self, text: &str) -> Option<AdminName> {
        (text == Self::KEY).then(|| AdminName::parse("root").unwrap())
    }
}

/// Finds that all is well. For tests only.
#[derive(Debug, Clone, Copy)]
pub struct FakeDiagnostics;

#[async_trait]
impl Diagnostics for FakeDiagnostics {
    async fn examine(&self) -> Vec<Check> {
        vec![Check::of("database", Ok("in memory".to_owned()))]
    }
}
