//! An account's own keys: issuing, looking at, rotating and revoking them, and how they end by themselves.

use std::time::Duration;

use keyward_domain::audit::Action;
use keyward_domain::environment::Environment;
use keyward_domain::ids::KeyId;
use keyward_domain::keys::{
    AuthenticateKeyError, CreateKey, Grace, IssuedKey, KeyLabel, KeyPolicy, KeyPrefix, KeyPrefixes,
    KeyPurpose, KeyRoom, KeyState, KeyStatus, KeySummary, KeysThat, ManageKeyError, RevocationReason,
    RotatedKey, SuccessorPrefix,
};
use keyward_domain::principal::{LimitedToAgent, Principal};
use keyward_domain::scope::Scopes;
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_domain::tokens::{AuthenticateTokenError, ExchangeKeyError, IssuedToken};
use keyward_domain::{Domain, Ports};
use keyward_testkit::domain::{TestDomain, alpha_bot, beta_bot, one_hour};

const HOUR: Duration = Duration::from_secs(3_600);

pub(crate) fn prefixes() -> KeyPrefixes {
    let prefix = |text| KeyPrefix::parse(text).unwrap();
    KeyPrefixes { live: prefix("tc_live_"), sandbox: prefix("tc_test_") }
}

pub(crate) const fn of_surface(prefixes: &KeyPrefixes) -> SuccessorPrefix<'_> {
    SuccessorPrefix::OfSurface(prefixes)
}

pub(crate) fn command() -> CreateKey {
    CreateKey {
        label: KeyLabel::parse("bot").unwrap(),
        scopes: Scopes::ALL,
        purpose: KeyPurpose::Bot,
        expires_at: None,
        prefixes: prefixes(),
    }
}

/// A domain with an account, who shows its key.
async fn alpha() -> (TestDomain, Principal) {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let principal = test.domain.keys.authenticate(registered.key.issued.text.expose()).await.unwrap();
    (test, principal)
}

async fn create(test: &TestDomain, who: &Principal, command: CreateKey) -> IssuedKey {
    test.domain.own_keys.create(who, command, &test.context()).await.unwrap().outcome
}

async fn try_rotate(
    test: &TestDomain,
    who: &Principal,
    id: KeyId,
    grace: u64,
) -> Result<RotatedKey, ManageKeyError> {
    let grace = Grace::from_seconds(grace).unwrap();
    let rotated = test.domain.own_keys.rotate(who, id, grace, of_surface(&prefixes()), &test.context()).await;
    rotated.map(|answered| answered.outcome)
}

async fn rotate(test: &TestDomain, who: &Principal, id: KeyId, grace: u64) -> RotatedKey {
    try_rotate(test, who, id, grace).await.unwrap()
}

async fn revoke(test: &TestDomain, who: &Principal, id: KeyId) -> Result<KeySummary, ManageKeyError> {
    test.domain.own_keys.revoke(who, id, &test.context()).await
}

async fn find(test: &TestDomain, who: &Principal, id: KeyId) -> KeySummary {
    test.domain.own_keys.find(who, id).await.unwrap()
}

async fn shown(test: &TestDomain, issued: &IssuedKey) -> Result<Principal, AuthenticateKeyError> {
    test.domain.keys.authenticate(issued.text.expose()).await
}

/// What every use case about this key answers, less what it answers when it is done.
async fn try_all(test: &TestDomain, who: &Principal, id: KeyId) -> Vec<ManageKeyError> {
    let results = [
        test.domain.own_keys.find(who, id).await.err(),
        try_rotate(test, who, id, 0).await.err(),
        try_rotate(test, who, id, 60).await.err(),
        revoke(test, who, id).await.err(),
    ];
    results.into_iter().flatten().collect()
}

#[tokio::test]
async fn a_key_is_issued_as_it_was_asked_for_and_says_whose_it_is() {
    let (test, alpha) = alpha().await;
    test.clock.advance(HOUR); // So that its event is the newest.
    let expires_at = Some(test.clock.now().saturating_add(HOUR));
    let issued = create(&test, &alpha, CreateKey { expires_at, ..command() }).await;

    assert!(issued.text.expose().starts_with("tc_live_"));
    let summary = find(&test, &alpha, issued.key.id).await;
    assert_eq!(summary, KeySummary::from(&issued.key));
    assert_eq!(
        (summary.label.as_str(), summary.purpose, summary.expires_at),
        ("bot", KeyPurpose::Bot, expires_at)
    );
    assert!(issued.text.expose().starts_with(&summary.preview));
    assert_eq!((summary.account, summary.agent, summary.last_used_at), (alpha.account, None, None));
    let principal = shown(&test, &issued).await.unwrap();
    assert_eq!((principal.account, principal.agent), (alpha.account, None));
    let event = test.trail(alpha.account).await.remove(0);
    assert_eq!(event.action, Action::KeyCreated);
    assert_eq!(event.target, format!("key:{}", issued.key.id));
    assert_eq!(event.actor, format!("account:{}", alpha.account));
}

#[tokio::test]
async fn keys_are_listed_newest_first_with_those_of_agents_and_those_that_ended() {
    let (test, alpha) = alpha().await;
    test.clock.advance(HOUR);
    let revoked = create(&test, &alpha, command()).await.key.id;
    revoke(&test, &alpha, revoked).await.unwrap();
    test.clock.advance(HOUR);
    let newest = create(&test, &alpha, command()).await.key.id;
    let listed = test.domain.own_keys.list(&alpha, KeysThat::Exist, None, 10).await.unwrap();
    assert_eq!(listed.iter().map(|key| key.id).take(2).collect::<Vec<_>>(), [newest, revoked]);
    assert_eq!(listed.len(), 4);
    assert_eq!(listed.iter().filter(|key| key.agent.is_some()).count(), 1);
}

#[tokio::test]
async fn the_key_that_makes_a_request_is_known_also_where_it_is_bound_to_an_agent() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    for issued in [&registered.key.issued, &registered.agent.as_ref().unwrap().1] {
        let who = shown(&test, issued).await.unwrap();
        let presented = test.domain.own_keys.presented(&who).await.unwrap();
        assert_eq!(presented, Some(KeySummary::from(&issued.key)));
    }
}

#[tokio::test]
async fn threat_k8_keys_of_others_and_of_the_other_world_are_unknown() {
    let (test, alpha) = alpha().await;
    let issued = create(&test, &alpha, command()).await;
    let beta = test.register(beta_bot()).await;
    let stranger = shown(&test, &beta.key.issued).await.unwrap();
    let sandboxed = Principal { environment: Environment::Sandbox, ..alpha };
    let events = test.trail(None).await.len();
    for who in [stranger, sandboxed] {
        for id in [issued.key.id, KeyId::generate(test.clock.now(), &*test.entropy)] {
            assert_eq!(try_all(&test, &who, id).await, vec![ManageKeyError::UnknownKey; 4]);
        }
    }
    assert!(shown(&test, &issued).await.is_ok());
    assert_eq!(test.domain.own_keys.list(&sandboxed, KeysThat::Exist, None, 10).await, Ok(Vec::new()));
    assert_eq!(test.trail(None).await.len(), events);
}

#[tokio::test]
async fn threat_k8_a_key_is_issued_to_whoever_asks_and_in_their_world() {
    let (test, alpha) = alpha().await;
    let sandboxed = Principal { environment: Environment::Sandbox, ..alpha };
    let issued = create(&test, &sandboxed, command()).await;
    assert!(issued.text.expose().starts_with("tc_test_"));
    let principal = shown(&test, &issued).await.unwrap();
    assert_eq!((principal.account, principal.environment), (alpha.account, Environment::Sandbox));
    assert_eq!(try_all(&test, &alpha, issued.key.id).await, vec![ManageKeyError::UnknownKey; 4]);
    let rotated = rotate(&test, &sandboxed, issued.key.id, 0).await.issued;
    assert!(rotated.text.expose().starts_with("tc_test_"));
}

#[tokio::test]
async fn threat_a2_a_principal_that_is_limited_to_an_agent_manages_no_keys() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let (_, own) = registered.agent.as_ref().unwrap();
    let agent = shown(&test, own).await.unwrap();
    let refused = ManageKeyError::LimitedToAgent(LimitedToAgent);
    for id in [own.key.id, registered.key.issued.key.id] {
        assert_eq!(try_all(&test, &agent, id).await, vec![refused.clone(); 4]);
    }
    let created = test.domain.own_keys.create(&agent, command(), &test.context()).await;
    assert_eq!(created.err(), Some(refused.clone()));
    assert_eq!(test.domain.own_keys.list(&agent, KeysThat::Exist, None, 10).await, Err(refused));
    assert_eq!(test.trail(None).await.len(), 1);
}

#[tokio::test]
async fn an_account_has_as_many_keys_as_its_plan_allows() {
    let (test, alpha) = alpha().await;
    let most = KeyPolicy::default().most(alpha.plan);
    for _ in 1..most {
        create(&test, &alpha, command()).await;
    }
    let one_more = test.domain.own_keys.create(&alpha, command(), &test.context()).await;
    assert_eq!(one_more.err(), Some(ManageKeyError::LimitReached { most }));
    let room = test.domain.own_keys.room(&alpha).await.unwrap();
    assert_eq!(room, KeyRoom { used: most, most, is_locked: false });
    assert_eq!(room.lets_create(), Err(ManageKeyError::LimitReached { most }));
    assert_eq!(test.trail(alpha.account).await.len(), most as usize);

    let listed = test.domain.own_keys.list(&alpha, KeysThat::Exist, None, 100).await.unwrap();
    let oldest = listed.iter().find(|key| key.agent.is_none()).unwrap().id;
    revoke(&test, &alpha, oldest).await.unwrap();
    assert_eq!(test.domain.own_keys.room(&alpha).await.unwrap().lets_create(), Ok(()));
    create(&test, &alpha, command()).await;
}

#[tokio::test]
async fn a_key_that_would_be_over_already_is_not_issued() {
    let (test, alpha) = alpha().await;
    for expires_at in
        [Some(test.clock.now()), Some(keyward_domain::time::Instant::from_unix_micros(0).unwrap())]
    {
        let asked = CreateKey { expires_at, ..command() };
        let refused = test.domain.own_keys.create(&alpha, asked, &test.context()).await;
        assert_eq!(refused.err(), Some(ManageKeyError::AlreadyOver));
    }
    assert_eq!(test.trail(alpha.account).await.len(), 1);
}

#[tokio::test]
async fn an_account_that_is_gone_gets_no_key() {
    let (test, alpha) = alpha().await;
    test.store.lose_account(alpha.account);
    let refused = test.domain.own_keys.create(&alpha, command(), &test.context()).await;
    assert_eq!(refused.err(), Some(ManageKeyError::Ended));
}

#[tokio::test]
async fn where_only_verified_accounts_change_keys_others_look_at_theirs_and_nothing_more() {
    let (test, alpha) = alpha().await;
    let issued = create(&test, &alpha, command()).await;
    let mut key_policy = KeyPolicy::default();
    key_policy.verified_only = true;
    let strict = Domain::new(Ports { key_policy, ..test.ports() });
    let (id, context) = (issued.key.id, &test.context());
    let refused = Some(ManageKeyError::AddressNotVerified);
    assert_eq!(strict.own_keys.create(&alpha, command(), context).await.err(), refused);
    let rotated = strict.own_keys.rotate(&alpha, id, Grace::NONE, of_surface(&prefixes()), context).await;
    assert_eq!(rotated.err(), refused);
    assert_eq!(strict.own_keys.revoke(&alpha, id, context).await.err(), refused);
    assert_eq!(strict.own_keys.room(&alpha).await.unwrap().lets_create().err(), refused);
    assert!(strict.own_keys.find(&alpha, id).await.is_ok());
    assert!(shown(&test, &issued).await.is_ok());

    let verified_at = Some(test.clock.now());
    test.store.edit_account(alpha.account, |account| {
        account.email.as_mut().unwrap().verified_at = verified_at;
    });
    let rotated =
        strict.own_keys.rotate(&alpha, id, Grace::NONE, of_surface(&prefixes()), context).await.unwrap();
    strict.own_keys.revoke(&alpha, rotated.issued.key.id, context).await.unwrap();
    assert!(strict.own_keys.create(&alpha, command(), context).await.is_ok());
}

#[tokio::test]
async fn threat_k5_a_rotated_key_is_dead_at_once_and_its_successor_is_like_it() {
    let (test, alpha) = alpha().await;
    let expires_at = Some(test.clock.now().saturating_add(48 * HOUR));
    let old = create(&test, &alpha, CreateKey { expires_at, ..command() }).await;
    test.clock.advance(HOUR); // So that its event is the newest.

    let RotatedKey { issued, from } = rotate(&test, &alpha, old.key.id, 0).await;

    assert_eq!(from, old.key.id);
    assert_eq!(shown(&test, &old).await, Err(AuthenticateKeyError::KeyRevoked));
    assert!(shown(&test, &issued).await.is_ok());
    let expected = KeySummary {
        id: issued.key.id,
        preview: issued.key.preview(),
        created_at: test.clock.now(),
        ..KeySummary::from(&old.key)
    };
    assert_eq!(find(&test, &alpha, issued.key.id).await, expected);
    let state = KeyState::Revoked { at: test.clock.now(), reason: RevocationReason::Rotated };
    assert_eq!(find(&test, &alpha, from).await.state, state);
    let event = test.trail(alpha.account).await.remove(0);
    assert_eq!((event.action, event.target), (Action::KeyRotated, format!("key:{from}")));
}

#[tokio::test]
async fn a_successor_is_named_after_its_surface_or_as_the_old_key_and_has_no_second_secret() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let old = &registered.key.issued;
    let who = shown(&test, old).await.unwrap();
    assert!(registered.key.login_secret.is_some() && find(&test, &who, old.key.id).await.logs_in);
    let (own_keys, surface, context) = (&test.domain.own_keys, prefixes(), test.context());
    let kept = SuccessorPrefix::Kept { or: &surface };
    let kept = own_keys.rotate(&who, old.key.id, Grace::NONE, kept, &context).await.unwrap();
    assert_eq!(kept.issued.key.prefix, old.key.prefix);
    assert!(!find(&test, &who, kept.issued.key.id).await.logs_in);
    let who = shown(&test, &kept.issued).await.unwrap();
    let named = own_keys.rotate(&who, kept.issued.key.id, Grace::NONE, of_surface(&surface), &context).await;
    assert_eq!(named.unwrap().issued.key.prefix, surface.live);
}

#[tokio::test]
async fn a_key_that_is_rotated_with_grace_is_good_until_it_ends() {
    let (test, alpha) = alpha().await;
    let old = create(&test, &alpha, command()).await;
    test.clock.advance(HOUR);
    let new = rotate(&test, &alpha, old.key.id, 60).await.issued;

    assert_eq!(test.trail(alpha.account).await[0].action, Action::KeyRotatedWithGrace);
    let listed = find(&test, &alpha, old.key.id).await;
    assert_eq!(listed.status(test.clock.now()), KeyStatus::Superseded);
    let end = test.clock.now().saturating_add(Duration::from_secs(60));
    assert_eq!(listed.expires_at, Some(end));
    assert_eq!(new.key.expires_at, None, "the grace is the old one's");
    test.clock.advance(Duration::from_micros(59_999_999));
    assert!(shown(&test, &old).await.is_ok());
    test.clock.advance(Duration::from_micros(1));
    assert_eq!(shown(&test, &old).await, Err(AuthenticateKeyError::KeyExpired));
    assert!(shown(&test, &new).await.is_ok());
}

#[tokio::test]
async fn a_grace_never_extends_a_key_s_own_end() {
    let (test, alpha) = alpha().await;
    let expires_at = Some(test.clock.now().saturating_add(HOUR));
    let old = create(&test, &alpha, CreateKey { expires_at, ..command() }).await;
    let new = rotate(&test, &alpha, old.key.id, Grace::MAX_SECONDS).await.issued;
    assert_eq!(find(&test, &alpha, old.key.id).await.expires_at, expires_at);
    assert_eq!(new.key.expires_at, expires_at);
    test.clock.advance(HOUR);
    for issued in [&old, &new] {
        assert_eq!(shown(&test, issued).await, Err(AuthenticateKeyError::KeyExpired));
    }
}

#[tokio::test]
async fn threat_k5_a_key_that_is_not_active_is_not_rotated() {
    let (test, alpha) = alpha().await;
    let expires_at = Some(test.clock.now().saturating_add(HOUR));
    let expired = create(&test, &alpha, CreateKey { expires_at, ..command() }).await.key.id;
    let [superseded, rotated, revoked] = [
        create(&test, &alpha, command()).await.key.id,
        create(&test, &alpha, command()).await.key.id,
        create(&test, &alpha, command()).await.key.id,
    ];
    rotate(&test, &alpha, superseded, Grace::MAX_SECONDS).await;
    rotate(&test, &alpha, rotated, 0).await;
    revoke(&test, &alpha, revoked).await.unwrap();
    test.clock.advance(HOUR);
    let events = test.trail(alpha.account).await.len();
    for id in [expired, superseded, rotated, revoked] {
        for grace in [0, 60] {
            assert_eq!(try_rotate(&test, &alpha, id, grace).await.err(), Some(ManageKeyError::NotActive));
        }
    }
    assert_eq!(test.trail(alpha.account).await.len(), events);
}

#[tokio::test]
async fn a_revocation_can_be_asked_for_again_and_changes_nothing_then() {
    let (test, alpha) = alpha().await;
    let issued = create(&test, &alpha, command()).await;
    let first = revoke(&test, &alpha, issued.key.id).await.unwrap();
    assert_eq!(first.status(test.clock.now()), KeyStatus::Revoked);
    assert_eq!(shown(&test, &issued).await, Err(AuthenticateKeyError::KeyRevoked));
    let events = test.trail(alpha.account).await.len();
    test.clock.advance(HOUR);
    assert_eq!(revoke(&test, &alpha, issued.key.id).await, Ok(first));
    assert_eq!(test.trail(alpha.account).await.len(), events);
}

#[tokio::test]
async fn a_key_may_end_itself_and_rotate_itself() {
    let (test, alpha) = alpha().await;
    let issued = create(&test, &alpha, command()).await;
    let itself = shown(&test, &issued).await.unwrap();
    let new = rotate(&test, &itself, issued.key.id, 0).await.issued;
    assert_eq!(shown(&test, &issued).await, Err(AuthenticateKeyError::KeyRevoked));
    let itself = shown(&test, &new).await.unwrap();
    let ended = revoke(&test, &itself, new.key.id).await.unwrap();
    assert_eq!(ended.status(test.clock.now()), KeyStatus::Revoked);
    assert_eq!(shown(&test, &new).await, Err(AuthenticateKeyError::KeyRevoked));
}

/// An account's key with a second secret, and a token that it was exchanged for.
async fn with_token(test: &TestDomain) -> (Principal, KeyId, [String; 2], IssuedToken) {
    let registered = test.register(alpha_bot()).await;
    let key = registered.key.issued.text.expose().clone();
    let secret = registered.key.login_secret.unwrap().expose().clone();
    let token = test.domain.tokens.exchange_key(&key, &secret, &one_hour()).await.unwrap();
    let principal = test.domain.keys.authenticate(&key).await.unwrap();
    (principal, registered.key.issued.key.id, [key, secret], token)
}

#[tokio::test]
async fn threat_k5_rotating_or_revoking_a_key_ends_the_tokens_that_were_minted_from_it() {
    for is_rotated in [true, false] {
        let test = TestDomain::new();
        let (alpha, id, [key, secret], token) = with_token(&test).await;
        assert!(test.domain.tokens.authenticate(token.text.expose()).await.is_ok());
        if is_rotated {
            rotate(&test, &alpha, id, 0).await;
        } else {
            revoke(&test, &alpha, id).await.unwrap();
        }
        let refused = test.domain.tokens.authenticate(token.text.expose()).await;
        assert_eq!(refused, Err(AuthenticateTokenError::Revoked));
        let exchanged = test.domain.tokens.exchange_key(&key, &secret, &one_hour()).await;
        assert_eq!(exchanged.err(), Some(ExchangeKeyError::UnknownKey));
    }
}

#[tokio::test]
async fn threat_k5_a_token_dies_when_its_key_ends_by_itself() {
    let test = TestDomain::new();
    let (alpha, id, [key, secret], token) = with_token(&test).await;
    rotate(&test, &alpha, id, 60).await;
    let in_grace = test.domain.tokens.exchange_key(&key, &secret, &one_hour()).await.unwrap();
    for token in [&token, &in_grace] {
        assert!(test.domain.tokens.authenticate(token.text.expose()).await.is_ok());
    }
    test.clock.advance(Duration::from_secs(60));
    for token in [&token, &in_grace] {
        let refused = test.domain.tokens.authenticate(token.text.expose()).await;
        assert_eq!(refused, Err(AuthenticateTokenError::Revoked));
    }
    let exchanged = test.domain.tokens.exchange_key(&key, &secret, &one_hour()).await;
    assert_eq!(exchanged.err(), Some(ExchangeKeyError::UnknownKey));
}

#[tokio::test]
async fn threat_k11_what_an_account_does_with_its_keys_leaves_all_else_as_it_is() {
    let (test, alpha) = alpha().await;
    let beta = test.register(beta_bot()).await;
    let other = shown(&test, &beta.key.issued).await.unwrap();
    let bystander = create(&test, &alpha, command()).await;
    let before = test.domain.own_keys.list(&other, KeysThat::Exist, None, 10).await.unwrap();
    let trail = test.trail(other.account).await;

    let key = create(&test, &alpha, command()).await.key.id;
    let next = rotate(&test, &alpha, key, 60).await.issued.key.id;
    revoke(&test, &alpha, next).await.unwrap();

    assert_eq!(test.domain.own_keys.list(&other, KeysThat::Exist, None, 10).await, Ok(before));
    assert_eq!(test.trail(other.account).await, trail);
    assert_eq!(find(&test, &alpha, bystander.key.id).await, KeySummary::from(&bystander.key));
    for issued in [&bystander, &beta.key.issued, &beta.agent.as_ref().unwrap().1] {
        assert!(shown(&test, issued).await.is_ok());
    }
}

#[tokio::test]
async fn an_outage_of_any_call_is_an_outage_and_leaves_nothing_half_done() {
    let calls = [
        ("create", ["AccountStore::find", "KeyStore::create"].as_slice()),
        ("rotate", &["KeyStore::find_of", "AccountStore::find", "KeyStore::rotate"]),
        ("revoke", &["KeyStore::find_of", "AccountStore::find", "KeyStore::revoke_of"]),
    ];
    for (use_case, call) in
        calls.iter().flat_map(|(name, calls)| calls.iter().map(move |call| (*name, *call)))
    {
        let (test, alpha) = alpha().await;
        let id = create(&test, &alpha, command()).await.key.id;
        let before =
            (test.domain.own_keys.list(&alpha, KeysThat::Exist, None, 10).await, test.trail(None).await);
        test.store.set_outage_of(call, StoreError::Busy);
        let refused = match use_case {
            "create" => test.domain.own_keys.create(&alpha, command(), &test.context()).await.err(),
            "rotate" => try_rotate(&test, &alpha, id, 60).await.err(),
            _ => revoke(&test, &alpha, id).await.err(),
        };
        assert_eq!(refused, Some(ManageKeyError::Store(StoreError::Busy)), "{use_case} {call}");
        let after =
            (test.domain.own_keys.list(&alpha, KeysThat::Exist, None, 10).await, test.trail(None).await);
        assert_eq!(after, before, "{use_case} {call}");
    }
}

#[tokio::test]
async fn threat_c10_whoever_was_let_in_before_a_reset_is_issued_nothing_after_it() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let (key, secret) = (&alpha.key.issued.text, alpha.key.login_secret.as_ref().unwrap());
    let token = test.domain.tokens.exchange_key(key.expose(), secret.expose(), &one_hour()).await.unwrap();
    let by_token = test.domain.tokens.authenticate(token.text.expose()).await.unwrap();
    let by_key = test.domain.keys.authenticate(key.expose()).await.unwrap();
    test.domain.tokens.log_out_everywhere(&by_token, &test.context()).await.unwrap();

    let create = async |who| test.domain.own_keys.create(who, command(), &test.context()).await.map(|_| ());
    assert_eq!(create(&by_token).await, Err(ManageKeyError::Ended));
    let id = alpha.key.issued.key.id;
    assert_eq!(try_rotate(&test, &by_token, id, 0).await.unwrap_err(), ManageKeyError::Ended);
    assert_eq!(test.domain.own_keys.list(&by_key, KeysThat::Exist, None, 10).await.unwrap().len(), 2);
    assert_eq!(create(&by_key).await, Ok(()), "the account's tokens have ended, and its keys have not");
}

#[tokio::test]
async fn the_key_of_an_ended_agent_is_not_rotated_however_it_is_asked_for() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let who = test.domain.keys.authenticate(alpha.key.issued.text.expose()).await.unwrap();
    let (agent, agents_key) = alpha.agent.as_ref().unwrap();
    test.domain.agents.archive(&who, agent.id, &test.context()).await.unwrap();
    for context in [test.context(), test.repeatable("rotate-once")] {
        let (id, prefixes) = (agents_key.key.id, prefixes());
        let rotated = test.domain.own_keys.rotate(&who, id, Grace::NONE, of_surface(&prefixes), &context);
        assert_eq!(rotated.await.unwrap_err(), ManageKeyError::NotActive);
    }
}

#[tokio::test]
async fn no_number_of_ended_keys_pushes_a_good_one_off_the_overview() {
    let (test, alpha) = alpha().await;
    let first = test.domain.own_keys.overview(&alpha, 100).await.unwrap();
    let good: Vec<_> = first.iter().map(|key| key.id).collect();
    for _ in 0..5 {
        test.clock.advance(HOUR);
        let ended = create(&test, &alpha, command()).await.key.id;
        test.domain.own_keys.revoke(&alpha, ended, &test.context()).await.unwrap();
    }

    let most = u16::try_from(good.len()).unwrap() + 1;
    let overview = test.domain.own_keys.overview(&alpha, most).await.unwrap();

    let all = test.domain.own_keys.overview(&alpha, 100).await.unwrap();
    assert_eq!(all.len(), good.len() + 5);
    let expected: Vec<_> = all[..1].iter().chain(&all[5..]).map(|key| key.id).collect();
    assert_eq!(
        overview.iter().map(|key| key.id).collect::<Vec<_>>(),
        expected,
        "and the newest that has ended"
    );
    assert!(expected.ends_with(&good));
}
