//! How a token's subject stands, in one query.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::store::StoreError;
use keyward_domain::tokens::{TokenStanding, TokenStandings, TokenSubject};

use crate::Store;
use crate::rows::{AccountStandingRow, AgentStandingRow, KeyStandingRow};
use crate::schema::{accounts, agents, api_keys};
use crate::types::StoredId;

#[async_trait]
impl TokenStandings for Store {
    async fn standing(&self, subject: TokenSubject) -> Result<TokenStanding, StoreError> {
        self.db
            .read(move |connection| {
                // What the token does not name is compared with NULL and joins nothing. Agent and key belong to
                // an account that exists, so without the account there is neither.
                let its_agent = agents::account_id
                    .eq(accounts::id)
                    .and(agents::id.nullable().eq(subject.agent.map(StoredId::from)));
                let its_key = api_keys::account_id
                    .eq(accounts::id)
                    .and(api_keys::id.nullable().eq(subject.key.map(StoredId::from)));
                let row: Option<(AccountStandingRow, Option<AgentStandingRow>, Option<KeyStandingRow>)> =
                    accounts::table
                        .left_join(agents::table.on(its_agent))
                        .left_join(api_keys::table.on(its_key))
                        .filter(accounts::id.eq(StoredId::from(subject.account)))
                        .select((
                            AccountStandingRow::as_select(),
                            Option::<AgentStandingRow>::as_select(),
                            Option::<KeyStandingRow>::as_select(),
                        ))
                        .first(connection)
                        .optional()?;
                let Some((account, agent, key)) = row else {
                    return Ok(TokenStanding { account: None, agent: None, key: None });
                };
                Ok(TokenStanding {
                    account: Some(account.try_into()?),
                    agent: agent.map(TryInto::try_into).transpose()?,
                    key: key.map(TryInto::try_into).transpose()?,
                })
            })
            .await
    }
}
