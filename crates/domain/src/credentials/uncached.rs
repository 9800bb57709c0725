//! How credentials stand, read anew for every check: for programs and tests that need no speed.

use std::sync::Arc;

use async_trait::async_trait;

use super::{AgentRecord, CredentialSource, Credentials, KeyCredential, TokenStanding, TokenSubject, Wanted};
use crate::ids::{AgentId, KeyId};
use crate::keys::KeyHandle;
use crate::revocations::Subject;
use crate::store::StoreError;

/// Remembers nothing.
#[derive(Clone)]
pub struct Uncached {
    source: Arc<dyn CredentialSource>,
}

impl Uncached {
    /// Reads from this source.
    pub fn new(source: Arc<dyn CredentialSource>) -> Self {
        Self { source }
    }
}

#[async_trait]
impl Credentials for Uncached {
    fn recall_key(&self, _: KeyHandle) -> Option<KeyCredential> {
        None
    }

    async fn find_key(&self, handle: KeyHandle) -> Result<Option<KeyCredential>, StoreError> {
        let found = self.source.read(Wanted { handles: vec![handle], ..Wanted::default() }).await?;
        let Some(key) = found.keys.into_iter().next() else {
            return Ok(None);
        };
        let account = found.accounts.first().map(|account| account.standing);
        Ok(KeyCredential::of(Arc::new(key), account, found.agents.first().copied()))
    }

    fn recall_standing(&self, _: TokenSubject) -> Option<TokenStanding> {
        None
    }

    async fn find_standing(&self, subject: TokenSubject) -> Result<TokenStanding, StoreError> {
        let wanted = Wanted {
            keys: subject.key.into_iter().collect(),
            agents: subject.agent.into_iter().collect(),
            accounts: vec![subject.account],
            tokens: vec![subject.token],
            ..Wanted::default()
        };
        let found = self.source.read(wanted).await?;
        let account = found.accounts.first().map(|account| account.standing);
        let is_revoked = !found.revoked_tokens.is_empty();
        Ok(TokenStanding::of(subject, is_revoked, account, found.agents.first().copied(), found.keys.first()))
    }

    fn recall_agent(&self, _: AgentId) -> Option<AgentRecord> {
        None
    }

    async fn find_agent(&self, id: AgentId) -> Result<Option<AgentRecord>, StoreError> {
        let found = self.source.read(Wanted { agents: vec![id], ..Wanted::default() }).await?;
        Ok(found.agents.into_iter().next())
    }

    /// There is nothing to forget.
    fn forget(&self, _: Subject) {}

    /// Remembers nothing, this neither.
    fn key_used(&self, _: KeyId) {}

    /// Every answer is read anew.
    async fn up_to_date(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
