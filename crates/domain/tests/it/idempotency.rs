//! Requests that are sent again: one effect, one answer, and nobody else's.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use keyward_domain::accounts::{Account, AccountStore, EmailAddress, Plan, RegisterAccount, StartingBalance};
use keyward_domain::agents::{Agent, AgentAttributes, AgentName, CloneAgent, CreateAgent};
use keyward_domain::environment::Environment;
use keyward_domain::idempotency::{
    Answered, IdempotencyError, IdempotencyKey, IdempotencyRecord, IdempotencySealer, IdempotencyStore,
};
use keyward_domain::ids::{AgentId, KeyId};
use keyward_domain::keys::{Grace, IssuedKey, KeyBinding, KeyPolicy, KeyStore, KeysThat, ManageKeyError};
use keyward_domain::principal::Principal;
use keyward_domain::request::RequestContext;
use keyward_domain::scope::{Scope, Scopes};
use keyward_domain::secret::{Digest, Secret, Unsealable};
use keyward_domain::store::StoreError;
use keyward_domain::time::{Clock, Instant};
use keyward_domain::{Domain, Ports};
use keyward_testkit::domain::{TestDomain, alpha_bot, beta_bot, one_hour};
use keyward_testkit::memory::MemoryStore;
use keyward_testkit::passwords::HashingWork;
use keyward_testkit::sealer::FakeSealer;

use crate::key_lifecycle::{command, of_surface, prefixes};

/// A key that cannot be guessed.
const STRONG: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

/// Each use case that can be repeated.
#[derive(Debug, Clone, Copy, PartialEq)]
enum UseCase {
    CreateKey,
    RotateKey,
    CreateAgent,
    CopyAgent,
    RegenerateKey,
    Register,
}

use UseCase::{CopyAgent, CreateAgent as NewAgent, CreateKey, RegenerateKey, Register, RotateKey};

const ALL: [UseCase; 6] = [CreateKey, RotateKey, NewAgent, CopyAgent, RegenerateKey, Register];
const OF_ACCOUNTS: [UseCase; 5] = [CreateKey, RotateKey, NewAgent, CopyAgent, RegenerateKey];

/// An account, who shows its key, and what is asked about.
struct Alpha {
    test: TestDomain,
    who: Principal,
    key: KeyId,
    agent: AgentId,
}

/// Who registers in these tests: with everything that a registration can give.
fn gamma() -> RegisterAccount {
    RegisterAccount { session: Some(one_hour()), ..beta_bot() }
}

async fn alpha() -> Alpha {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let who = test.domain.keys.authenticate(registered.key.issued.text.expose()).await.unwrap();
    let key = test.domain.own_keys.create(&who, command(), &test.context()).await.unwrap().key.id;
    Alpha { test, who, key, agent: registered.agent.unwrap().0.id }
}

/// All that an answer can show of an outcome, its secrets included.
fn told<T>(answered: &Answered<T>, parts: &[String]) -> String {
    format!("{:?} {} {}", answered.at, answered.request_id, parts.join(" "))
}

fn of_key(issued: &IssuedKey) -> String {
    let verifiers = match &issued.key.binding {
        KeyBinding::Account { login_verifier } => login_verifier.as_ref().map(|digest| *digest.as_bytes()),
        KeyBinding::Agent(_) => None,
    };
    let verifier = issued.key.verifier.as_bytes();
    format!("{:?} {verifier:?} {verifiers:?} {}", issued.key, issued.text.expose())
}

fn of_account(account: &Account) -> String {
    let typed = account.email.as_ref().map(|email| email.address.as_typed());
    format!("{account:?} {typed:?} {}", account.starting_balance)
}

fn of_agent(agent: &Agent) -> String {
    format!("{agent:?} {}", agent.starting_balance)
}

impl Alpha {
    fn repeatable(&self) -> RequestContext {
        self.test.repeatable(STRONG)
    }

    async fn ask(&self, case: UseCase, context: &RequestContext) -> Result<String, String> {
        self.ask_by(&self.test.domain, &self.who, case, context).await
    }

    async fn ask_by(
        &self,
        domain: &Domain,
        who: &Principal,
        case: UseCase,
        context: &RequestContext,
    ) -> Result<String, String> {
        let key_prefix = prefixes().live;
        match case {
            CreateKey => {
                let answered = domain.own_keys.create(who, command(), context).await;
                let answered = answered.map_err(|error| format!("{error:?}"))?;
                Ok(told(&answered, &[of_key(&answered)]))
            }
            RotateKey => {
                let answered = domain
                    .own_keys
                    .rotate(who, self.key, Grace::NONE, of_surface(&prefixes()), context)
                    .await;
                let answered = answered.map_err(|error| format!("{error:?}"))?;
                Ok(told(&answered, &[of_key(&answered.issued), answered.from.to_string()]))
            }
            NewAgent | CopyAgent => {
                let answered = if case == NewAgent {
                    let name = AgentName::parse("Second").unwrap();
                    let starting_balance = StartingBalance::parse("1.50").unwrap();
                    let attributes = AgentAttributes::default();
                    let asked = CreateAgent { name, starting_balance, attributes, key_prefix };
                    domain.agents.create(who, asked, context).await
                } else {
                    let asked = CloneAgent { original: self.agent, name: None, key_prefix };
                    domain.agents.copy(who, asked, context).await
                };
                let answered = answered.map_err(|error| format!("{error:?}"))?;
                Ok(told(&answered, &[of_agent(&answered.agent), of_key(&answered.key)]))
            }
            RegenerateKey => {
                let answered = domain.agents.regenerate_key(who, self.agent, &key_prefix, context).await;
                let answered = answered.map_err(|error| format!("{error:?}"))?;
                Ok(told(&answered, &[of_key(&answered)]))
            }
            Register => {
                let answered = domain.accounts.register(gamma(), context).await;
                let answered = answered.map_err(|error| format!("{error:?}"))?;
                let secret = answered.key.login_secret.as_ref().unwrap().expose().clone();
                let (agent, agent_key) = answered.agent.as_ref().unwrap();
                let token = answered.token.as_ref().unwrap();
                let token = format!("{:?} {} {:?}", token.token, token.text.expose(), token.lifetime);
                let (account, key) = (of_account(&answered.account), of_key(&answered.key.issued));
                Ok(told(&answered, &[account, key, secret, of_agent(agent), of_key(agent_key), token]))
            }
        }
    }

    /// How much there is of everything that these use cases write.
    async fn written(&self) -> (usize, usize) {
        let keys = KeyStore::page(&*self.test.store, None, None, 1_000).await.unwrap();
        (keys.len(), self.test.trail(None).await.len())
    }
}

#[tokio::test]
async fn threat_k6_a_request_that_is_sent_again_has_one_effect_and_one_answer() {
    for case in ALL {
        let alpha = alpha().await;
        let first = alpha.ask(case, &alpha.repeatable()).await.unwrap();
        let written = alpha.written().await;
        // Later, by requests with ids of their own.
        for _ in 0..3 {
            alpha.test.clock.advance(Duration::from_secs(60 * 60));
            assert_eq!(alpha.ask(case, &alpha.repeatable()).await.as_ref(), Ok(&first), "{case:?}");
        }
        assert_eq!(alpha.written().await, written, "{case:?}");
    }
}

#[tokio::test]
async fn a_request_without_a_key_is_done_each_time() {
    for case in [CreateKey, NewAgent, CopyAgent, RegenerateKey] {
        let alpha = alpha().await;
        let first = alpha.ask(case, &alpha.test.context()).await.unwrap();
        assert_ne!(alpha.ask(case, &alpha.test.context()).await.unwrap(), first, "{case:?}");
    }
}

#[tokio::test]
async fn after_a_day_a_key_stands_for_nothing() {
    for case in [CreateKey, NewAgent, CopyAgent, RegenerateKey] {
        let alpha = alpha().await;
        let first = alpha.ask(case, &alpha.repeatable()).await.unwrap();
        alpha.test.clock.advance(IdempotencyRecord::LIFETIME - Duration::from_micros(1));
        assert_eq!(alpha.ask(case, &alpha.repeatable()).await.as_ref(), Ok(&first), "{case:?}");
        alpha.test.clock.advance(Duration::from_micros(1));
        let second = alpha.ask(case, &alpha.repeatable()).await.unwrap();
        assert_ne!(second, first, "{case:?}");
        assert_eq!(alpha.ask(case, &alpha.repeatable()).await, Ok(second), "{case:?}");
    }
}

#[tokio::test]
async fn what_has_expired_is_forgotten() {
    let alpha = alpha().await;
    alpha.ask(CreateKey, &alpha.repeatable()).await.unwrap();
    let start = alpha.test.clock.now();
    alpha.test.clock.advance(IdempotencyRecord::LIFETIME);
    alpha.test.domain.idempotency.forget_expired().await.unwrap();
    alpha.test.clock.set(start);
    let before = alpha.written().await;
    alpha.ask(CreateKey, &alpha.repeatable()).await.unwrap();
    assert_eq!(alpha.written().await, (before.0 + 1, before.1 + 1), "not even with the clock stepped back");
}

/// The same request with another body.
fn with_body(context: RequestContext, body: &str) -> RequestContext {
    let mut request = (**context.repeatable.as_ref().unwrap()).clone();
    request.body = Secret::new(body.as_bytes().to_vec());
    RequestContext { repeatable: Some(Arc::new(request)), ..context }
}

#[tokio::test]
async fn a_key_that_was_used_for_another_body_is_refused() {
    for case in OF_ACCOUNTS {
        let alpha = alpha().await;
        alpha.ask(case, &alpha.repeatable()).await.unwrap();
        let written = alpha.written().await;
        let refused = alpha.ask(case, &with_body(alpha.repeatable(), "{\"label\":\"other\"}")).await;
        assert_eq!(refused, Err(format!("Idempotency({:?})", IdempotencyError::OtherBody)), "{case:?}");
        assert_eq!(alpha.written().await, written, "{case:?}");
    }
}

#[tokio::test]
async fn threat_k7_strangers_who_hit_upon_one_key_never_meet() {
    let alpha = alpha().await;
    let first = alpha.ask(Register, &alpha.repeatable()).await.unwrap();
    let other = with_body(alpha.repeatable(), "{\"email\":\"delta@example.com\"}");
    let email = Some(EmailAddress::parse("delta@example.com").unwrap());
    let delta = RegisterAccount { email, ..gamma() };
    let second = alpha.test.domain.accounts.register(delta, &other).await.unwrap();
    assert!(!first.contains(second.key.issued.text.expose()));
    assert_eq!(alpha.ask(Register, &alpha.repeatable()).await, Ok(first));
}

#[tokio::test]
async fn threat_k7_no_other_principal_is_given_the_answer() {
    for case in OF_ACCOUNTS {
        let alpha = alpha().await;
        let beta = alpha.test.register(beta_bot()).await;
        let first = alpha.ask(case, &alpha.repeatable()).await.unwrap();
        let stranger = alpha.test.domain.keys.authenticate(beta.key.issued.text.expose()).await.unwrap();
        let sandboxed = Principal { environment: Environment::Sandbox, ..alpha.who };
        let narrowed = Principal { scopes: Scopes::of([Scope::KeysManage]), ..alpha.who };
        let limited = Principal { agent: Some(alpha.agent), ..alpha.who };
        for other in [stranger, sandboxed, narrowed, limited] {
            let answer = alpha.ask_by(&alpha.test.domain, &other, case, &alpha.repeatable()).await;
            let text = answer.unwrap_or_else(|refused| refused);
            let secret = first.split(' ').find(|part| part.starts_with("tc_live_")).unwrap();
            assert!(!text.contains(secret), "{case:?}: {other:?} is given {text}");
        }
    }
}

#[tokio::test]
async fn threat_k7_a_stranger_s_key_that_could_be_guessed_is_refused_before_anything_is_done() {
    let alpha = alpha().await;
    let written = alpha.written().await;
    alpha.test.passwords.take_work();
    alpha.test.store.take_calls();
    let refused = alpha.ask(Register, &alpha.test.repeatable("only-21-characters-xx")).await;
    assert_eq!(refused, Err(format!("Idempotency({:?})", IdempotencyError::Guessable)));
    assert_eq!(alpha.test.store.take_calls(), Vec::<&str>::new());
    assert_eq!(alpha.test.passwords.work(), HashingWork::default());
    assert_eq!(alpha.written().await, written);
    // Whoever shows a credential may call a request whatever they like.
    assert!(alpha.ask(CreateKey, &alpha.test.repeatable("1")).await.is_ok());
}

#[tokio::test]
async fn threat_k6_an_answer_stays_the_first_one_whatever_has_happened_since() {
    for case in ALL {
        let alpha = alpha().await;
        let first = alpha.ask(case, &alpha.repeatable()).await.unwrap();
        let ids: Vec<_> =
            alpha.test.domain.own_keys.list(&alpha.who, KeysThat::Exist, None, 100).await.unwrap();
        for key in ids.iter().filter(|key| key.id != alpha.key) {
            alpha.test.domain.own_keys.revoke(&alpha.who, key.id, &alpha.test.context()).await.unwrap();
        }
        let accounts = AccountStore::page(&*alpha.test.store, None, None, 9).await.unwrap();
        let verified_at = Some(alpha.test.clock.now());
        for account in &accounts {
            alpha.test.store.edit_account(account.id, |account| {
                account.email.as_mut().unwrap().verified_at = verified_at;
                account.plan = Plan::Enterprise;
            });
        }
        let deleted = alpha.test.domain.agents.delete(&alpha.who, alpha.agent, &alpha.test.context()).await;
        assert_eq!(deleted, Ok(()), "{case:?}");
        assert_eq!(alpha.ask(case, &alpha.repeatable()).await, Ok(first), "{case:?}");
    }
}

#[tokio::test]
async fn a_request_that_was_refused_may_be_made_again() {
    let alpha = alpha().await;
    let mut strict = KeyPolicy::default();
    strict.verified_only = true;
    let domain = Domain::new(Ports { key_policy: strict, ..alpha.test.ports() });
    let refused = alpha.ask_by(&domain, &alpha.who, CreateKey, &alpha.repeatable()).await;
    assert_eq!(refused, Err(format!("{:?}", ManageKeyError::AddressNotVerified)));
    assert!(alpha.ask(CreateKey, &alpha.repeatable()).await.is_ok());
}

#[tokio::test]
async fn threat_k6_a_commit_whose_answer_was_lost_is_answered_from_what_was_committed() {
    for case in ALL {
        let alpha = alpha().await;
        let domain = Domain::new(Ports { idempotency: Forgetful::of(&alpha, 0), ..alpha.test.ports() });
        let lost = alpha.ask_by(&domain, &alpha.who, case, &alpha.repeatable()).await.unwrap();
        // A new process, which remembers nothing but what is stored.
        let domain = Domain::new(alpha.test.ports());
        assert_eq!(alpha.ask_by(&domain, &alpha.who, case, &alpha.repeatable()).await, Ok(lost), "{case:?}");
    }
}

/// Does not see records for the first few times: as if each were committed just behind the look.
struct Forgetful {
    store: Arc<MemoryStore>,
    blind: AtomicUsize,
}

impl Forgetful {
    fn of(alpha: &Alpha, blind: usize) -> Arc<Self> {
        Arc::new(Self { store: alpha.test.store.clone(), blind: AtomicUsize::new(blind) })
    }
}

#[async_trait]
impl IdempotencyStore for Forgetful {
    async fn find(&self, lookup: Digest, now: Instant) -> Result<Option<IdempotencyRecord>, StoreError> {
        let is_blind =
            self.blind.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if is_blind.is_ok() { Ok(None) } else { IdempotencyStore::find(&*self.store, lookup, now).await }
    }

    async fn forget(&self, expired_by: Instant) -> Result<(), StoreError> {
        IdempotencyStore::forget(&*self.store, expired_by).await
    }
}

#[tokio::test]
async fn threat_k6_two_of_one_request_at_the_same_time_get_one_answer() {
    for case in ALL {
        let alpha = alpha().await;
        let first = alpha.ask(case, &alpha.repeatable()).await.unwrap();
        let written = alpha.written().await;
        // The second looked before the first was committed, and wrote behind it.
        let domain = Domain::new(Ports { idempotency: Forgetful::of(&alpha, 1), ..alpha.test.ports() });
        let second = alpha.ask_by(&domain, &alpha.who, case, &alpha.repeatable()).await;
        assert_eq!(second, Ok(first), "{case:?}");
        assert_eq!(alpha.written().await, written, "{case:?}");
    }
}

#[tokio::test]
async fn an_outage_is_an_outage_and_not_a_first_request() {
    for case in ALL {
        let alpha = alpha().await;
        alpha.ask(case, &alpha.repeatable()).await.unwrap();
        let written = alpha.written().await;
        alpha.test.store.set_outage_of("IdempotencyStore::find", StoreError::Busy);
        let refused = alpha.ask(case, &alpha.repeatable()).await.unwrap_err();
        assert!(refused.contains("Busy"), "{case:?}: {refused}");
        assert_eq!(alpha.written().await, written);
    }
}

#[tokio::test]
async fn threat_k3_a_record_that_was_tampered_with_is_no_answer() {
    let alpha = alpha().await;
    alpha.ask(CreateKey, &alpha.repeatable()).await.unwrap();
    let written = alpha.written().await;
    // A sealer under another master key, as after a restore with the wrong one.
    let idempotency_sealer = Arc::new(Foreign(alpha.test.idempotency_sealer.clone()));
    let domain = Domain::new(Ports { idempotency_sealer, ..alpha.test.ports() });
    let refused = alpha.ask_by(&domain, &alpha.who, CreateKey, &alpha.repeatable()).await.unwrap_err();
    assert!(refused.contains("Corrupt"), "{refused}");
    assert_eq!(alpha.written().await, written);
}

/// Finds what was sealed and opens none of it.
struct Foreign(Arc<FakeSealer>);

impl IdempotencySealer for Foreign {
    fn mac(&self, bytes: &[u8]) -> Digest {
        self.0.mac(bytes)
    }

    fn seal(&self, key: &IdempotencyKey, plain: &[u8], context: &[u8]) -> Vec<u8> {
        IdempotencySealer::seal(&*self.0, key, plain, context)
    }

    fn open(&self, _: &IdempotencyKey, _: &[u8], _: &[u8]) -> Result<Secret<Vec<u8>>, Unsealable> {
        Err(Unsealable)
    }
}
