//! Logging in with a browser, being recognised, and logging out.

use std::sync::Arc;

use super::{BeginSessionError, Session, SessionPolicy, SessionRefused, SessionStart, SessionStore};
use crate::accounts::{Account, CheckedLogin, EmailAddress, Password, PasswordCheck, Rehash};
use crate::audit::{Action, Actor, AuditTrail, Deed, Target};
use crate::entropy::Entropy;
use crate::environment::Environment;
use crate::ids::SessionId;
use crate::opaque::{OpaqueToken, PresentedOpaqueToken, TokenDigest};
use crate::principal::{Credential, Principal};
use crate::request::RequestContext;
use crate::scope::Scopes;
use crate::secret::Digest;
use crate::store::StoreError;
use crate::time::Clock;

/// A session that has just begun.
#[derive(Debug)]
pub struct BegunSession {
    /// What the browser shows from now on.
    pub text: OpaqueToken,
    /// Who has logged in.
    pub signed_in: SignedIn,
}

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who makes the request: the whole account, in the live environment.
    pub principal: Principal,
    /// The account.
    pub account: Account,
}

/// Use cases of sessions.
#[derive(Clone)]
pub struct SessionService {
    pub(crate) sessions: Arc<dyn SessionStore>,
    pub(crate) password_check: PasswordCheck,
    pub(crate) token_digest: Arc<dyn TokenDigest>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) trail: AuditTrail,
    pub(crate) policy: SessionPolicy,
}

impl SessionService {
    /// Logs in with an e-mail address and a password, as [`TokenService`](crate::tokens::TokenService) does. The session
    /// that the browser showed before, if any, ends with it.
    ///
    /// Security: the session's text is always a new one. Whoever planted another in the browser has nothing of it.
    pub async fn log_in(
        &self,
        email: &EmailAddress,
        password: &Password,
        shown: Option<&str>,
        context: &RequestContext,
    ) -> Result<BegunSession, BeginSessionError> {
        let CheckedLogin { account, rehash } = self.password_check.check(email, password, context).await?;
        self.begin(account, rehash, shown, context).await
    }

    /// Logs in whoever has just chosen this account's password: they registered it, or changed its password.
    pub async fn log_in_registered(
        &self,
        account: Account,
        shown: Option<&str>,
        context: &RequestContext,
    ) -> Result<BegunSession, BeginSessionError> {
        self.begin(account, None, shown, context).await
    }

    async fn begin(
        &self,
        account: Account,
        rehash: Option<Rehash>,
        shown: Option<&str>,
        context: &RequestContext,
    ) -> Result<BegunSession, BeginSessionError> {
        let now = self.clock.now();
        let text = OpaqueToken::generate(&*self.entropy);
        let session = Session {
            id: SessionId::generate(now, &*self.entropy),
            digest: self.token_digest.digest(text.expose()),
            account: account.id,
            epoch: account.epoch,
            began_at: now,
            last_seen_at: now,
            expires_at: now.saturating_add(self.policy.lifetime),
        };
        let signed_in = SignedIn::of(&session, account);
        let event = self.password_check.event(&signed_in.account, now, context);
        let replaced = shown.and_then(|shown| self.digest(shown));
        match self.sessions.begin(SessionStart { session, rehash, replaced }, event).await? {
            true => Ok(BegunSession { text, signed_in }),
            false => Err(BeginSessionError::Overtaken),
        }
    }

    /// Says who shows this text, and notes that they came.
    pub async fn authenticate(&self, shown: &str) -> Result<SignedIn, SessionRefused> {
        let digest = self.digest(shown).ok_or(SessionRefused::Ended)?;
        let (session, account) = self.sessions.find(digest).await?.ok_or(SessionRefused::Ended)?;
        let now = self.clock.now();
        session.check(&account, &self.policy, now)?;
        if session.is_to_be_touched(&self.policy, now) {
            self.sessions.touch(session.id, now).await?;
        }
        Ok(SignedIn::of(&session, account))
    }

    /// Ends the session of this text, whatever has become of its account: whoever is suspended may leave too. That there
    /// is none, or none any more, is no error.
    pub async fn log_out(&self, shown: &str, context: &RequestContext) -> Result<(), StoreError> {
        let Some(digest) = self.digest(shown) else {
            return Ok(());
        };
        let Some((session, _)) = self.sessions.find(digest).await? else {
            return Ok(());
        };
        let account = session.account;
        let (actor, target) = (Actor::Account(account), Target::Session(session.id));
        let deed = Deed::to_account(&actor, Action::SessionEnded, &target, account);
        let event = self.trail.event(self.clock.now(), deed, Some(context));
        self.sessions.end(session.id, event).await.map(drop)
    }

    /// Deletes sessions that are over.
    pub async fn forget_ended(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.sessions.forget(now, now.saturating_sub(self.policy.idle)).await
    }

    /// A text for a browser in which nobody is logged in: what its forms are bound to.
    pub fn new_visitor(&self) -> OpaqueToken {
        OpaqueToken::generate(&*self.entropy)
    }

    /// What tells one form that makes something from every other: sent twice, it is one request.
    pub fn new_form_id(&self) -> OpaqueToken {
        OpaqueToken::generate(&*self.entropy)
    }

    /// What a form shows, beside the cookie, to prove that this server made it for this browser: it follows from the
    /// cookie's text, and whoever does not know that cannot make it. `None` for what no cookie of ours can hold.
    pub fn form_token(&self, cookie: &str) -> Option<OpaqueToken> {
        PresentedOpaqueToken::parse(cookie)?;
        // Not the digest that is stored: whoever reads the database makes no forms.
        Some(OpaqueToken::following(self.token_digest.digest(&format!("keyward-form-1 {cookie}"))))
    }

    /// Whether a form that came with this cookie was made for it.
    pub fn is_form_of(&self, cookie: &str, shown: &str) -> bool {
        let expected = self.form_token(cookie);
        // Security: digests are compared in constant time.
        expected
            .is_some_and(|token| self.token_digest.digest(token.expose()) == self.token_digest.digest(shown))
    }

    fn digest(&self, shown: &str) -> Option<Digest> {
        PresentedOpaqueToken::parse(shown).map(|text| text.digest(&*self.token_digest))
    }
}

impl SignedIn {
    fn of(session: &Session, account: Account) -> Self {
        let principal = Principal {
            account: account.id,
            agent: None,
            credential: Credential::Session { id: session.id, began_at: session.began_at },
            environment: Environment::Live,
            plan: account.plan,
            scopes: Scopes::ALL,
            epoch: account.epoch,
        };
        Self { principal, account }
    }
}
