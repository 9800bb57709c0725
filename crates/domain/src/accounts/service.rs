//! Use cases of accounts.

use std::sync::Arc;

use super::{
    Account, AccountStatus, AccountStore, ChangeStatusError, DisplayName, DisposableDomains,
    DisposablePolicy, EmailAddress, NewPassword, PasswordHash, PasswordHasher, RegisterAccountError,
    Registration, RegistrationRefused, StartingBalance,
};
use crate::agents::{Agent, AgentAttributes, AgentName};
use crate::audit::{Action, Actor, AuditTrail, Deed, Target};
use crate::credentials::Credentials;
use crate::entropy::Entropy;
use crate::environment::Environment;
use crate::idempotency::{Answered, IdempotencyService};
use crate::ids::{AccountId, AgentId};
use crate::keys::{AccountKeyStyle, ApiKey, IssuedAccountKey, IssuedKey, KeyIssuer, KeyPrefix};
use crate::limits::LimitService;
use crate::mail::MailService;
use crate::principal::{Owner, Principal};
use crate::request::RequestContext;
use crate::revocations::Subject;
use crate::store::StoreError;
use crate::time::{Clock, Instant};
use crate::tokens::{AccountStamp, IssuedToken, NoSigningKey, TokenIssuer, TokenProfile};

/// What registering an account needs to know.
#[derive(Debug, Clone)]
pub struct RegisterAccount {
    /// What people will call it.
    pub display_name: DisplayName,
    /// Where its owner can be reached.
    pub email: Option<EmailAddress>,
    /// What its owner logs in with.
    pub password: Option<NewPassword>,
    /// The balance it begins with.
    pub starting_balance: StartingBalance,
    /// How the dialect's account-level keys look.
    pub key_style: AccountKeyStyle,
    /// What the first agent's key begins with, if the dialect gives one.
    pub first_agent: Option<KeyPrefix>,
    /// Whether the address may be a throw-away one.
    pub disposable: DisposablePolicy,
    /// How the token is made that is given with the answer, if the dialect gives one.
    pub session: Option<TokenProfile>,
}

/// A registered account with everything that is shown once.
#[derive(Debug)]
pub struct RegisteredAccount {
    /// The account.
    pub account: Account,
    /// Its key.
    pub key: IssuedAccountKey,
    /// Its first agent with that agent's key.
    pub agent: Option<(Agent, IssuedKey)>,
    /// A token, as if its owner had logged in.
    pub token: Option<IssuedToken>,
}

/// An account as its owner sees it.
#[derive(Debug, Clone)]
pub struct AccountProfile {
    /// The account.
    pub account: Account,
    /// The key that was shown, or else the account's oldest one that is good and has no successor.
    pub key: Option<ApiKey>,
}

/// Use cases of accounts.
#[derive(Clone)]
pub struct AccountService {
    pub(crate) accounts: Arc<dyn AccountStore>,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) passwords: Arc<dyn PasswordHasher>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) issuer: KeyIssuer,
    pub(crate) trail: AuditTrail,
    pub(crate) mail: MailService,
    pub(crate) disposable_domains: Arc<dyn DisposableDomains>,
    pub(crate) token_issuer: TokenIssuer,
    pub(crate) idempotency: IdempotencyService,
    pub(crate) limits: LimitService,
}

impl AccountService {
    /// How often a key's handle that turns out to be taken is drawn again. With 89 random bits one repetition
    /// is unheard of; a third means that the entropy is broken.
    const DRAWS: usize = 3;
    /// How often a change that others overtake is tried.
    pub(super) const ROUNDS: usize = 8;

    /// Registers an account with its first key and, where the dialect gives them, its first agent and a token.
    pub async fn register(
        &self,
        command: RegisterAccount,
        context: &RequestContext,
    ) -> Result<Answered<RegisteredAccount>, RegisterAccountError> {
        self.register_as(&Actor::Anonymous, command, context).await
    }

    /// Registers an account for others, as an admin does for an organization: one with a name and a key, and nobody who
    /// logs in.
    pub async fn register_organization(
        &self,
        name: DisplayName,
        key_prefix: KeyPrefix,
        actor: &Actor,
        context: &RequestContext,
    ) -> Result<Answered<RegisteredAccount>, RegisterAccountError> {
        let command = RegisterAccount {
            display_name: name,
            email: None,
            password: None,
            starting_balance: StartingBalance::default(),
            key_style: AccountKeyStyle { prefix: key_prefix, login_prefix: None },
            first_agent: None,
            disposable: DisposablePolicy::Allow,
            session: None,
        };
        self.register_as(actor, command, context).await
    }

    async fn register_as(
        &self,
        actor: &Actor,
        command: RegisterAccount,
        context: &RequestContext,
    ) -> Result<Answered<RegisteredAccount>, RegisterAccountError> {
        if self.is_refused_as_disposable(&command) {
            return Err(RegisterAccountError::DisposableEmail);
        }
        let mut hashed: Option<PasswordHash> = None;
        for _ in 0..Self::DRAWS {
            if let Some(before) = self.idempotency.recall_anonymous(context).await? {
                return Ok(before);
            }
            if let (None, Some(chosen)) = (&hashed, &command.password) {
                hashed = Some(self.passwords.hash(chosen).await?);
            }
            let registered = self.draft(&command)?;
            let (id, now) = (registered.account.id, registered.account.created_at);
            let registration = Registration {
                account: registered.account.clone(),
                password: hashed.clone(),
                key: registered.key.issued.key.clone(),
                agent: registered.agent.as_ref().map(|(agent, issued)| (agent.clone(), issued.key.clone())),
                mail: self.mail.verification_of(&registered.account),
                idempotency: self.idempotency.record_anonymous(id, &registered, now, context),
            };
            let target = Target::Account(id);
            let deed = Deed::to_account(actor, Action::AccountRegistered, &target, id);
            let event = self.trail.event(now, deed, Some(context));
            match self.accounts.register(registration, event).await {
                Ok(()) => {
                    self.mail.ring();
                    return Ok(context.answered(registered, now));
                }
                Err(RegistrationRefused::EmailTaken) => {
                    // By this very request, it may be, which came twice and was answered a moment ago.
                    return match self.idempotency.recall_anonymous(context).await? {
                        Some(before) => Ok(before),
                        None => Err(self.address_is_taken(&command).await),
                    };
                }
                Err(RegistrationRefused::Store(error)) => return Err(error.into()),
                Err(RegistrationRefused::HandleTaken | RegistrationRefused::Repeated) => {}
            }
        }
        Err(StoreError::Corrupt("fresh key handles keep turning out to be in use".to_owned()).into())
    }

    fn is_refused_as_disposable(&self, command: &RegisterAccount) -> bool {
        match (command.disposable, &command.email) {
            (DisposablePolicy::Refuse, Some(address)) => self.disposable_domains.has_mailbox(address),
            (DisposablePolicy::Refuse, None) | (DisposablePolicy::Allow, _) => false,
        }
    }

    /// Whom the address belongs to is told, in a mail that the request does not wait for.
    async fn address_is_taken(&self, command: &RegisterAccount) -> RegisterAccountError {
        match &command.email {
            Some(address) => match self.mail.tell_owner(address).await {
                Ok(()) => RegisterAccountError::EmailTaken,
                Err(error) => error.into(),
            },
            None => RegisterAccountError::EmailTaken,
        }
    }

    /// The principal's account as its owner sees it. `None` if it is gone.
    pub async fn profile(&self, principal: &Principal) -> Result<Option<AccountProfile>, StoreError> {
        let key = principal.credential.key();
        let found = self.accounts.find_with_key(principal.account, key, self.clock.now()).await?;
        Ok(found.map(|(account, key)| AccountProfile { account, key }))
    }

    /// Suspends an account. Suspending it again changes nothing and is no error.
    pub async fn suspend(
        &self,
        id: AccountId,
        actor: &Actor,
        context: &RequestContext,
    ) -> Result<(), ChangeStatusError> {
        let step = |status: AccountStatus, now| Ok(status.suspend(now)?);
        self.change_status(id, step, Action::AccountSuspended, actor, context).await
    }

    /// Lifts a suspension. Lifting it again changes nothing and is no error.
    pub async fn resume(
        &self,
        id: AccountId,
        actor: &Actor,
        context: &RequestContext,
    ) -> Result<(), ChangeStatusError> {
        let step = |status: AccountStatus, _| Ok(status.resume()?);
        self.change_status(id, step, Action::AccountResumed, actor, context).await
    }

    /// Archives an account, for good. Archiving it again changes nothing and is no error.
    pub async fn archive(
        &self,
        id: AccountId,
        actor: &Actor,
        context: &RequestContext,
    ) -> Result<(), ChangeStatusError> {
        let step = |status: AccountStatus, now| Ok(status.archive(now));
        self.change_status(id, step, Action::AccountArchived, actor, context).await
    }

    async fn change_status(
        &self,
        id: AccountId,
        step: impl Fn(AccountStatus, Instant) -> Result<AccountStatus, ChangeStatusError>,
        action: Action,
        actor: &Actor,
        context: &RequestContext,
    ) -> Result<(), ChangeStatusError> {
        for _ in 0..Self::ROUNDS {
            let account = self.accounts.find(id).await?.ok_or(ChangeStatusError::UnknownAccount)?;
            let now = self.clock.now();
            let next = step(account.status, now)?;
            if next == account.status {
                self.credentials.forget(Subject::Account(id));
                return Ok(());
            }
            let target = Target::Account(id);
            let event = self.trail.event(now, Deed::to_account(actor, action, &target, id), Some(context));
            // Somebody else changed it in between: look again. Each round means that another one got through.
            if self.accounts.change_status(id, account.epoch, account.status, next, event).await? {
                return Ok(());
            }
        }
        Err(StoreError::Busy.into())
    }

    fn draft(&self, command: &RegisterAccount) -> Result<RegisteredAccount, NoSigningKey> {
        let now = self.clock.now();
        let account = Account::registered(
            AccountId::generate(now, &*self.entropy),
            command.display_name.clone(),
            command.email.clone(),
            command.starting_balance,
            now,
        );
        let key = self.issuer.for_account(now, &command.key_style, account.id, Environment::Live);
        let agent = command.first_agent.as_ref().map(|prefix| {
            let owner = Owner { account: account.id, environment: Environment::Live };
            let agent = Agent::made(
                AgentId::generate(now, &*self.entropy),
                owner,
                AgentName::first_of(&account.display_name),
                account.starting_balance,
                AgentAttributes::default(),
                now,
            );
            let issued = self.issuer.for_agent(now, prefix, account.id, agent.id, agent.environment);
            (agent, issued)
        });
        let stamp = AccountStamp { id: account.id, epoch: account.epoch };
        let token = command
            .session
            .as_ref()
            .map(|profile| self.token_issuer.for_account(now, stamp, None, Environment::Live, profile));
        Ok(RegisteredAccount { account, key, agent, token: token.transpose()? })
    }
}
