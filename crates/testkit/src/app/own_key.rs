//! The app's own signing key, in the hands of a test.

use keyward_domain::ids::RequestId;
use keyward_domain::request::RequestContext;
use keyward_domain::tokens::SigningAlgorithm;

use super::{Database, TestApp};
use crate::builders::admin;
use crate::forgers_key::ForgersKey;
use crate::sealer::FakeSealer;

impl TestApp {
    /// An app whose `keyward.toml` reads so, and whose signing keys a test can have.
    pub async fn with_keys_at_hand(database: Database, toml: &str) -> Self {
        Self::with_sealer(database, toml, FakeSealer::new(8)).await
    }

    /// The next signing key of an algorithm that is in use, and its name: it is published, so what it signs is good.
    pub async fn own_key(&self, algorithm: SigningAlgorithm) -> (String, ForgersKey) {
        let context = RequestContext::of_ours(RequestId::from_uuid(uuid::Uuid::nil()));
        let next = self.domain().signing_keys.rotate(&[algorithm], &admin("thief"), &context).await;
        let next = next.expect("a next key").pop().expect("an algorithm in use");
        (next.kid.to_string(), ForgersKey::parse(algorithm, FakeSealer::plain_of(&next.sealed)))
    }
}
