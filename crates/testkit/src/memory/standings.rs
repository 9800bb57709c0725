//! How accounts, agents and keys in memory stand.

use async_trait::async_trait;
use keyward_domain::store::StoreError;
use keyward_domain::tokens::{KeyStanding, TokenStanding, TokenStandings, TokenSubject};

use super::MemoryStore;

#[async_trait]
impl TokenStandings for MemoryStore {
    async fn standing(&self, subject: TokenSubject) -> Result<TokenStanding, StoreError> {
        self.step("TokenStandings::standing", |state| {
            let key = subject.key.and_then(|id| state.key_of(subject.account, id));
            Ok(TokenStanding {
                account: state.account_standing(subject.account),
                agent: subject.agent.and_then(|id| state.agent_standing(subject.account, id)),
                key: key.map(|key| KeyStanding { state: key.state, generation: key.generation }),
            })
        })
    }
}
