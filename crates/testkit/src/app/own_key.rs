//! The app's own signing key, as whoever has its database and its master key has it.

use std::sync::Arc;

use keyward_crypto::MasterKey;
use keyward_domain::ids::RequestId;
use keyward_domain::request::RequestContext;
use keyward_domain::secret::Sealer;
use keyward_domain::tokens::SigningAlgorithm;

use super::TestApp;
use crate::builders::admin;
use crate::entropy::SeededEntropy;
use crate::forgers_key::ForgersKey;

impl TestApp {
    /// The next signing key of an algorithm that is in use, and its name: it is published, so what it signs is good.
    pub async fn own_key(&self, algorithm: SigningAlgorithm) -> (String, ForgersKey) {
        let context = RequestContext::of_ours(RequestId::from_uuid(uuid::Uuid::nil()));
        let next = self.domain().signing_keys.rotate(&[algorithm], &admin("thief"), &context).await;
        let next = next.expect("a next key").pop().expect("an algorithm in use");
        let file = std::fs::read_to_string(self.data_dir().join("data/master.key")).expect("a master key");
        let deployment = self.keyward.deployment().await.expect("a database").expect("a founded one");
        let root =
            MasterKey::parse(&file).expect("a master key").open(&deployment).expect("the database's own");
        let sealer = root.sealer(Arc::new(SeededEntropy::new(1)));
        let kid = next.kid.to_string();
        let context = format!("keyward signing key 1:{algorithm}:{kid}");
        let pkcs8 = sealer.open(&next.sealed, context.as_bytes()).expect("what this master key sealed");
        (kid, ForgersKey::parse(algorithm, pkcs8.expose()))
    }
}
