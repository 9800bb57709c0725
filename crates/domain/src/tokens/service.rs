//! Use cases of tokens: issue one for a key or a password, and say who shows one.

use std::sync::Arc;
use std::time::Duration;

use super::{
    AccessToken, AccountStamp, AuthenticateTokenError, ExchangeKeyError, IssueTokenError, IssuedToken,
    KeyStamp, LoggedIn, PasswordLoginError, RotatedAway, TokenIssuer, TokenProfile, TokenRejected,
    TokenVerifier,
};
use crate::accounts::{
    AccountStatus, AccountStore, CheckedLogin, EmailAddress, Password, PasswordCheck, PasswordLogin,
};
use crate::agents::AgentStatus;
use crate::audit::AuditTrail;
use crate::credentials::{Credentials, TokenStanding, TokenSubject};
use crate::environment::Environment;
use crate::keys::{KeyBinding, KeyService, KeyState, PresentedKey};
use crate::principal::{Credential, LimitedToAgent, Owner, Principal};
use crate::request::RequestContext;
use crate::revocations::{RevocationLog, Subject};
use crate::scope::Scopes;
use crate::store::StoreError;
use crate::time::{Clock, Instant};

/// Use cases of tokens.
#[derive(Clone)]
pub struct TokenService {
    pub(crate) accounts: Arc<dyn AccountStore>,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) revocations: Arc<dyn RevocationLog>,
    pub(crate) password_check: PasswordCheck,
    pub(crate) verifier: Arc<dyn TokenVerifier>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) issuer: TokenIssuer,
    pub(crate) keys: KeyService,
    pub(crate) trail: AuditTrail,
}

impl TokenService {
    /// For how long a token that was ended is remembered beyond its end: longer than any verifier's leeway, and by more
    /// than a server's clock may be ahead when it forgets.
    pub(crate) const REMEMBERED_BEYOND_EXPIRY: Duration = Duration::from_secs(86_400);

    /// Exchanges an account-level key and its second secret for a token. Stores and audits nothing.
    ///
    /// Security: whatever is found, the same MACs are computed for the same texts, and a suspension is said only
    /// after both secrets are right.
    pub async fn exchange_key(
        &self,
        key_text: &str,
        secret_text: &str,
        profile: &TokenProfile,
    ) -> Result<IssuedToken, ExchangeKeyError> {
        let presented = PresentedKey::parse(key_text).map_err(|_| ExchangeKeyError::UnknownKey)?;
        let secret = PresentedKey::parse(secret_text).ok();
        let found = self.keys.find_verified(&presented).await?;
        let secret_is_right =
            self.keys.verifies_login(found.as_ref().map(|found| &*found.key), secret.as_ref());
        let credential = found.ok_or(ExchangeKeyError::UnknownKey)?;
        if !self.keys.status(&credential.key).is_good() {
            return Err(ExchangeKeyError::UnknownKey);
        }
        match credential.key.binding {
            KeyBinding::Account { login_verifier: Some(_) } if secret_is_right => {}
            KeyBinding::Account { login_verifier: Some(_) } => return Err(ExchangeKeyError::WrongSecret),
            KeyBinding::Account { login_verifier: None } | KeyBinding::Agent(_) => {
                return Err(ExchangeKeyError::KeyCannotLogIn);
            }
        }
        credential.account.status.may_act()?;
        let key = &credential.key;
        let account = AccountStamp { id: key.account, epoch: credential.account.epoch };
        let stamp = KeyStamp { id: key.id, generation: key.generation };
        let now = self.clock.now();
        let issued = self.issuer.for_account(now, account, Some(stamp), key.environment, profile)?;
        self.keys.used(key.id);
        Ok(issued)
    }

    /// A token for the account-level key that makes this request. Asks nobody; stores and audits nothing.
    pub fn issue(
        &self,
        principal: &Principal,
        profile: &TokenProfile,
    ) -> Result<IssuedToken, IssueTokenError> {
        let Credential::Key { id, generation, .. } = principal.credential else {
            return Err(IssueTokenError::NotAKey);
        };
        let Owner { account, environment } =
            principal.owner().map_err(|LimitedToAgent| IssueTokenError::LimitedToAgent)?;
        let (account, key) =
            (AccountStamp { id: account, epoch: principal.epoch }, KeyStamp { id, generation });
        Ok(self.issuer.for_account(self.clock.now(), account, Some(key), environment, profile)?)
    }

    /// Logs in with an e-mail address and a password, and writes that down.
    pub async fn log_in_with_password(
        &self,
        email: &EmailAddress,
        password: &Password,
        profile: &TokenProfile,
        context: &RequestContext,
    ) -> Result<LoggedIn, PasswordLoginError> {
        let CheckedLogin { account, rehash } = self.password_check.check(email, password, context).await?;
        let stamp = AccountStamp { id: account.id, epoch: account.epoch };
        let token = self.issuer.for_account(self.clock.now(), stamp, None, Environment::Live, profile)?;
        let event = self.password_check.event(&account, self.clock.now(), context);
        self.accounts.record_login(PasswordLogin { account: account.id, rehash }, event).await?;
        Ok(LoggedIn { account, token })
    }

    /// Says who shows this token.
    ///
    /// The order is fixed: signature, times, claims, revocation, account. Whoever shows a token that is not
    /// signed by us learns nothing else.
    pub async fn authenticate(&self, text: &str) -> Result<Principal, AuthenticateTokenError> {
        let token = self.verify(text).await?;
        let standing = self.standing_of(&token).await?;
        judge(&token, &standing, self.clock.now())
    }

    /// Says who showed this token until the key that it was minted from was rotated away: it has no other fault.
    ///
    /// Whoever rotates the key behind their own token, and does not get the answer, has nothing left to ask again with.
    pub async fn rotated_away(&self, text: &str) -> Result<RotatedAway, AuthenticateTokenError> {
        let token = self.verify(text).await?;
        let mut standing = self.standing_of(&token).await?;
        let key = standing.key.as_mut().filter(|key| key.state.is_rotated_away());
        let (Some(stamp), Some(key)) = (token.key, key) else {
            return Err(AuthenticateTokenError::Revoked);
        };
        key.state = KeyState::Active;
        judge(&token, &standing, self.clock.now()).map(|principal| RotatedAway { principal, key: stamp.id })
    }

    /// How everything stands that the token is stamped by.
    async fn standing_of(&self, token: &AccessToken) -> Result<TokenStanding, StoreError> {
        let subject = subject_of(token);
        let standing = match self.credentials.recall_standing(subject) {
            Some(remembered) => remembered,
            None => self.credentials.find_standing(subject).await?,
        };
        if !is_newer(token, &standing) {
            return Ok(standing);
        }
        // Issued by another server, behind something that this one has not heard of yet.
        self.forget(token);
        self.credentials.find_standing(subject).await
    }

    /// Says who shows this token, as far as that is known without asking the store. `None` says nothing.
    pub fn recall(&self, text: &str) -> Option<Result<Principal, AuthenticateTokenError>> {
        let now = self.clock.now();
        let token = match self.verifier.verify(text, now) {
            Ok(token) => token,
            Err(TokenRejected::UnknownSigningKey) => return None,
            Err(why @ (TokenRejected::Invalid | TokenRejected::Expired | TokenRejected::MissingClaim)) => {
                return Some(Err(why.into()));
            }
        };
        let standing = self.credentials.recall_standing(subject_of(&token))?;
        (!is_newer(&token, &standing)).then(|| judge(&token, &standing, now))
    }

    fn forget(&self, token: &AccessToken) {
        let agent = token.agent.map(|agent| Subject::Agent(agent.id));
        let key = token.key.map(|key| Subject::Key(key.id));
        let account = Some(Subject::Account(token.account.id));
        [account, agent, key].into_iter().flatten().for_each(|subject| self.credentials.forget(subject));
    }

    /// Security: a key that nobody knows here may have been published by another server a moment ago. Whether this one
    /// is behind is asked before the token is refused: an outage is never a verdict.
    async fn verify(&self, text: &str) -> Result<AccessToken, AuthenticateTokenError> {
        match self.verifier.verify(text, self.clock.now()) {
            Err(TokenRejected::UnknownSigningKey) => {
                self.credentials.up_to_date().await?;
                Ok(self.verifier.verify(text, self.clock.now())?)
            }
            verified => Ok(verified?),
        }
    }
}

fn subject_of(token: &AccessToken) -> TokenSubject {
    TokenSubject {
        token: token.id,
        account: token.account.id,
        agent: token.agent.map(|agent| agent.id),
        key: token.key.map(|key| key.id),
    }
}

/// Whether the token is stamped by what comes after what is known here: only who signs tokens can have made it.
fn is_newer(token: &AccessToken, standing: &TokenStanding) -> bool {
    standing.account.is_some_and(|account| token.account.epoch > account.epoch)
        || token.agent.zip(standing.agent).is_some_and(|(stamp, agent)| stamp.epoch > agent.epoch)
        || token.key.zip(standing.key).is_some_and(|(stamp, key)| stamp.generation > key.generation)
}

/// Who shows the token, if it and everything that it is stamped by still stand: token, key and agent, then account.
fn judge(
    token: &AccessToken,
    standing: &TokenStanding,
    now: Instant,
) -> Result<Principal, AuthenticateTokenError> {
    let account = standing.account.ok_or(AuthenticateTokenError::UnknownAccount)?;
    let key_stands = token.key.is_none_or(|stamp| {
        standing.key.is_some_and(|key| {
            key.state.status(key.expires_at, now).is_good() && key.generation == stamp.generation
        })
    });
    let agent_stands = token.agent.is_none_or(|stamp| {
        standing.agent.is_some_and(|agent| agent.status == AgentStatus::Active && agent.epoch == stamp.epoch)
    });
    if standing.is_revoked || !key_stands || !agent_stands || account.epoch != token.account.epoch {
        return Err(AuthenticateTokenError::Revoked);
    }
    match account.status {
        AccountStatus::Active => {}
        AccountStatus::Suspended { .. } => return Err(AuthenticateTokenError::AccountSuspended),
        AccountStatus::Archived { .. } => return Err(AuthenticateTokenError::UnknownAccount),
    }
    Ok(Principal {
        account: token.account.id,
        agent: token.agent.map(|agent| agent.id),
        credential: Credential::Token {
            id: token.id,
            key: token.key,
            issued_at: token.issued_at,
            expires_at: token.expires_at,
        },
        environment: token.environment,
        plan: account.plan,
        scopes: standing.key.map_or(Scopes::ALL, |key| key.scopes),
        epoch: account.epoch,
    })
}
