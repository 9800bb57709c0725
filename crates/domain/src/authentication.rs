//! Says who makes a request by whatever it shows: a key, a token, or both.

use crate::keys::{AuthenticateKeyError, KeyService};
use crate::principal::Principal;
use crate::tokens::{AuthenticateTokenError, TokenService};

/// What a request shows of itself.
#[derive(Clone, Copy, Default)]
pub struct Presented<'a> {
    /// An API key's text.
    pub key: Option<&'a str>,
    /// An access token's text.
    pub token: Option<&'a str>,
}

/// Why nobody was recognised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticationError {
    /// Nothing was shown.
    #[error("no credential was shown")]
    Missing,
    /// The key is no good.
    #[error(transparent)]
    Key(#[from] AuthenticateKeyError),
    /// The token is no good.
    #[error(transparent)]
    Token(#[from] AuthenticateTokenError),
    /// Key and token are both good, but speak for different accounts, environments or agents.
    #[error("the key and the token do not belong together")]
    Contradiction,
}

/// Says who makes a request.
#[derive(Clone)]
pub struct AuthenticationService {
    keys: KeyService,
    tokens: TokenService,
}

impl AuthenticationService {
    /// A service over both kinds of credential.
    pub const fn new(keys: KeyService, tokens: TokenService) -> Self {
        Self { keys, tokens }
    }

    /// Recognises whoever shows these credentials.
    ///
    /// Security: each credential that is shown must be good, and two must belong together; the one that is
    /// limited to an agent then decides. A good one never covers for a bad one beside it.
    pub async fn authenticate(&self, presented: Presented<'_>) -> Result<Principal, AuthenticationError> {
        let by_key = match presented.key {
            Some(text) => Some(self.keys.authenticate(text).await?),
            None => None,
        };
        let by_token = match presented.token {
            Some(text) => Some(self.tokens.authenticate(text).await?),
            None => None,
        };
        match (by_key, by_token) {
            (None, None) => Err(AuthenticationError::Missing),
            (Some(one), None) | (None, Some(one)) => Ok(one),
            (Some(key), Some(token)) => more_specific(key, token).ok_or(AuthenticationError::Contradiction),
        }
    }
}

fn more_specific(key: Principal, token: Principal) -> Option<Principal> {
    let same_owner = key.account == token.account && key.environment == token.environment;
    match (key.agent, token.agent) {
        _ if !same_owner => None,
        (Some(one), Some(other)) if one != other => None,
        (None, Some(_)) => Some(token),
        (Some(_) | None, _) => Some(key),
    }
}
