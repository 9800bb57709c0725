//! Says who makes a request by whatever it shows: a key, a token, or both.

use crate::keys::{AuthenticateKeyError, KeyService};
use crate::limits::{LimitService, Limited, Network};
use crate::principal::Principal;
use crate::request::RequestContext;
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
    /// Too much that was no good came from there. Whoever is remembered gets in all the same.
    #[error(transparent)]
    Limited(#[from] Limited),
}

/// Says who makes a request, and counts what was no good against where it came from.
#[derive(Clone)]
pub struct AuthenticationService {
    keys: KeyService,
    tokens: TokenService,
    limits: LimitService,
}

impl AuthenticationService {
    /// A service over both kinds of credential.
    pub const fn new(keys: KeyService, tokens: TokenService, limits: LimitService) -> Self {
        Self { keys, tokens, limits }
    }

    /// Recognises whoever shows these credentials.
    ///
    /// Security: each credential that is shown must be good, and two must belong together; the one that is
    /// limited to an agent then decides. A good one never covers for a bad one beside it.
    pub async fn authenticate(
        &self,
        presented: Presented<'_>,
        context: &RequestContext,
    ) -> Result<Principal, AuthenticationError> {
        let by_key = match presented.key {
            Some(text) => Some(self.by_key(text, context).await?),
            None => None,
        };
        let by_token = match presented.token {
            Some(text) => Some(self.by_token(text, context).await?),
            None => None,
        };
        match (by_key, by_token) {
            (None, None) => Err(AuthenticationError::Missing),
            (Some(one), None) | (None, Some(one)) => Ok(one),
            (Some(key), Some(token)) => {
                let both = more_specific(key, token).ok_or(AuthenticationError::Contradiction);
                self.counted(both, context.from)
            }
        }
    }

    /// Recognises whoever shows this key.
    ///
    /// Security: once too much that was no good came from a network, what comes from there is looked for in memory alone.
    /// So a flood of wrong credentials does not reach the store, and who is remembered gets in beside it.
    pub async fn by_key(
        &self,
        text: &str,
        context: &RequestContext,
    ) -> Result<Principal, AuthenticationError> {
        let outcome = match self.keys.recall(text) {
            Some(recalled) => recalled,
            None => {
                self.limits.may_look_up(context.from)?;
                self.keys.authenticate(text).await
            }
        };
        self.counted(outcome.map_err(Into::into), context.from)
    }

    /// Recognises whoever shows this token, as [`by_key`](Self::by_key) does.
    pub async fn by_token(
        &self,
        text: &str,
        context: &RequestContext,
    ) -> Result<Principal, AuthenticationError> {
        let outcome = match self.tokens.recall(text) {
            Some(recalled) => recalled,
            None => {
                self.limits.may_look_up(context.from)?;
                self.tokens.authenticate(text).await
            }
        };
        self.counted(outcome.map_err(Into::into), context.from)
    }

    fn counted(
        &self,
        outcome: Result<Principal, AuthenticationError>,
        from: Network,
    ) -> Result<Principal, AuthenticationError> {
        if outcome.as_ref().is_err_and(AuthenticationError::is_verdict) {
            self.limits.credential_failed(from)?;
        }
        outcome
    }
}

impl AuthenticationError {
    /// Whether it says of something that was shown that it is no good. An outage says nothing.
    pub const fn is_verdict(&self) -> bool {
        match self {
            Self::Key(error) => match error {
                AuthenticateKeyError::UnknownKey
                | AuthenticateKeyError::KeyRevoked
                | AuthenticateKeyError::KeyExpired
                | AuthenticateKeyError::AgentArchived
                | AuthenticateKeyError::Account(_) => true,
                AuthenticateKeyError::Store(_) => false,
            },
            Self::Token(error) => match error {
                AuthenticateTokenError::Rejected(_)
                | AuthenticateTokenError::Revoked
                | AuthenticateTokenError::UnknownAccount
                | AuthenticateTokenError::AccountSuspended => true,
                AuthenticateTokenError::Store(_) => false,
            },
            Self::Contradiction => true,
            Self::Missing | Self::Limited(_) => false,
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
