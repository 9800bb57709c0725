//! Makes tokens: draws their ids and has them signed.

use std::sync::Arc;

use super::{
    AccessToken, AccountStamp, AgentStamp, IssuedToken, KeyStamp, NoSigningKey, TokenProfile, TokenSigner,
};
use crate::entropy::Entropy;
use crate::environment::Environment;
use crate::ids::TokenId;
use crate::time::Instant;

/// Makes tokens.
#[derive(Clone)]
pub struct TokenIssuer {
    signer: Arc<dyn TokenSigner>,
    entropy: Arc<dyn Entropy>,
}

impl TokenIssuer {
    /// An issuer that has tokens signed by `signer`.
    pub fn new(signer: Arc<dyn TokenSigner>, entropy: Arc<dyn Entropy>) -> Self {
        Self { signer, entropy }
    }

    /// A token that acts for a whole account. Nothing of it is stored.
    pub(crate) fn for_account(
        &self,
        now: Instant,
        account: AccountStamp,
        key: Option<KeyStamp>,
        environment: Environment,
        profile: &TokenProfile,
    ) -> Result<IssuedToken, NoSigningKey> {
        let issued_at = now.truncated_to_seconds();
        let token = AccessToken {
            id: TokenId::generate(now, &*self.entropy),
            account,
            agent: None::<AgentStamp>,
            key,
            subject: profile.subject,
            environment,
            issued_at,
            expires_at: issued_at.saturating_add(profile.lifetime),
        };
        let text = self.signer.sign(&token, profile.algorithm)?;
        Ok(IssuedToken { token, text, lifetime: profile.lifetime })
    }
}
