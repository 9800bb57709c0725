//! Credentials that are narrowed to scopes: what they may make, and what is made with them.

use keyward_domain::accounts::StartingBalance;
use keyward_domain::agents::{AgentAttributes, AgentName, CreateAgent};
use keyward_domain::keys::{CreateKey, Grace, IssuedKey, KeyPurpose, ManageKeyError};
use keyward_domain::principal::Principal;
use keyward_domain::scope::{MissingScope, Scope, Scopes};
use keyward_testkit::domain::{TestDomain, alpha_bot, one_hour};

use crate::key_lifecycle::{command, of_surface, prefixes};

async fn alpha() -> (TestDomain, Principal) {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let principal = test.domain.keys.authenticate(registered.key.issued.text.expose()).await.unwrap();
    (test, principal)
}

async fn try_create(test: &TestDomain, who: &Principal, scopes: Scopes) -> Result<IssuedKey, ManageKeyError> {
    let asked = CreateKey { scopes, ..command() };
    Ok(test.domain.own_keys.create(who, asked, &test.context()).await?.outcome)
}

/// Who shows a key with these scopes.
async fn narrowed(test: &TestDomain, who: &Principal, scopes: Scopes) -> Principal {
    let issued = try_create(test, who, scopes).await.unwrap();
    test.domain.keys.authenticate(issued.text.expose()).await.unwrap()
}

#[tokio::test]
async fn threat_m3_a_narrowed_key_has_its_scopes_and_no_other() {
    let (test, alpha) = alpha().await;
    let who = narrowed(&test, &alpha, Scopes::of([Scope::AtfProbe, Scope::AtfMcp])).await;
    for &scope in Scope::ALL {
        assert_eq!(alpha.may(scope), Ok(()), "a key without scopes has all rights");
        let has_it = [Scope::AtfProbe, Scope::AtfMcp].contains(&scope);
        assert_eq!(who.may(scope), if has_it { Ok(()) } else { Err(MissingScope(scope)) }, "{scope}");
    }
    let none = narrowed(&test, &alpha, Scopes::of([])).await;
    assert!(Scope::ALL.iter().all(|&scope| none.may(scope).is_err()));
}

#[tokio::test]
async fn threat_m3_whoever_is_narrowed_issues_no_key_with_more() {
    let (test, alpha) = alpha().await;
    let own = Scopes::of([Scope::KeysManage, Scope::AtfProbe]);
    let who = narrowed(&test, &alpha, own).await;
    let events = test.trail(alpha.account).await.len();
    for more in [Scopes::ALL, Scopes::of([Scope::AtfMcp]), Scopes::of([Scope::AtfProbe, Scope::AccountRead])]
    {
        assert_eq!(try_create(&test, &who, more).await.err(), Some(ManageKeyError::ScopeNotHeld));
    }
    assert_eq!(test.trail(alpha.account).await.len(), events);
    for as_many in [own, Scopes::of([Scope::AtfProbe]), Scopes::of([])] {
        assert_eq!(try_create(&test, &who, as_many).await.unwrap().key.scopes, as_many);
    }
}

#[tokio::test]
async fn threat_m3_whoever_is_narrowed_rotates_no_key_with_more() {
    let (test, alpha) = alpha().await;
    let who = narrowed(&test, &alpha, Scopes::of([Scope::KeysManage])).await;
    let wider = try_create(&test, &alpha, Scopes::ALL).await.unwrap().key.id;
    let narrow = try_create(&test, &alpha, Scopes::of([Scope::KeysManage])).await.unwrap().key.id;
    let rotate = async |id| {
        let rotated = test
            .domain
            .own_keys
            .rotate(&who, id, Grace::NONE, of_surface(&prefixes()), &test.context())
            .await;
        rotated.map(|rotated| rotated.issued.key.scopes)
    };
    assert_eq!(rotate(wider).await, Err(ManageKeyError::ScopeNotHeld));
    assert_eq!(rotate(narrow).await, Ok(Scopes::of([Scope::KeysManage])));
    // Ending a key gives nobody a right.
    assert!(test.domain.own_keys.revoke(&who, wider, &test.context()).await.is_ok());
}

#[tokio::test]
async fn threat_k7_a_repetition_gives_a_narrowed_credential_nothing_that_it_may_not_ask_for() {
    let (test, alpha) = alpha().await;
    let who = narrowed(&test, &alpha, Scopes::of([Scope::KeysManage])).await;
    let wider = try_create(&test, &alpha, Scopes::ALL).await.unwrap().key.id;
    let guessed = || test.repeatable("1");
    let first = test
        .domain
        .own_keys
        .rotate(&alpha, wider, Grace::NONE, of_surface(&prefixes()), &guessed())
        .await
        .unwrap();
    let again =
        test.domain.own_keys.rotate(&who, wider, Grace::NONE, of_surface(&prefixes()), &guessed()).await;
    assert_eq!(again.err(), Some(ManageKeyError::ScopeNotHeld));
    let again = test
        .domain
        .own_keys
        .rotate(&alpha, wider, Grace::NONE, of_surface(&prefixes()), &guessed())
        .await
        .unwrap();
    assert_eq!(again.issued.text.expose(), first.issued.text.expose());
}

#[tokio::test]
async fn threat_m3_an_agent_s_key_has_no_more_rights_than_whoever_made_it() {
    let (test, alpha) = alpha().await;
    let own = Scopes::of([Scope::AgentsManage, Scope::AtfProbe]);
    let who = narrowed(&test, &alpha, own).await;
    let asked = || CreateAgent {
        name: AgentName::parse("Second").unwrap(),
        starting_balance: StartingBalance::default(),
        attributes: AgentAttributes::default(),
        key_prefix: prefixes().live,
    };
    let made = test.domain.agents.create(&who, asked(), &test.context()).await.unwrap();
    assert_eq!(made.key.key.scopes, own);

    // The owner's own new key for it stays as narrow, and that of another's agent becomes so.
    let (agents, prefix) = (&test.domain.agents, prefixes().live);
    let by_owner = agents.regenerate_key(&alpha, made.agent.id, &prefix, &test.context()).await.unwrap();
    assert_eq!(by_owner.key.scopes, own);
    let wide = agents.create(&alpha, asked(), &test.context()).await.unwrap();
    assert_eq!(wide.key.key.scopes, Scopes::ALL);
    let narrower = agents.regenerate_key(&who, wide.agent.id, &prefix, &test.context()).await.unwrap();
    assert_eq!(narrower.key.scopes, own);
}

#[tokio::test]
async fn threat_j9_a_token_has_the_rights_of_its_key() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let [key, secret] =
        [registered.key.issued.text.expose().clone(), registered.key.login_secret.unwrap().expose().clone()];
    let scopes = Scopes::of([Scope::AccountRead]);
    test.store.edit_key(registered.key.issued.key.id, |key| key.scopes = scopes);
    let token = test.domain.tokens.exchange_key(&key, &secret, &one_hour()).await.unwrap();
    let who = test.domain.tokens.authenticate(token.text.expose()).await.unwrap();
    assert_eq!(who.scopes, scopes);
    assert_eq!(who.may(Scope::KeysManage), Err(MissingScope(Scope::KeysManage)));
}

#[tokio::test]
async fn a_key_for_mcp_that_is_narrowed_has_the_scope_that_mcp_needs() {
    let (test, alpha) = alpha().await;
    let for_mcp = |scopes| CreateKey { scopes, purpose: KeyPurpose::Mcp, ..command() };
    for (chosen, given) in [
        (Scopes::of([Scope::AccountRead]), Scopes::of([Scope::AccountRead, Scope::AtfMcp])),
        (Scopes::of([Scope::AtfMcp]), Scopes::of([Scope::AtfMcp])),
        (Scopes::ALL, Scopes::ALL),
    ] {
        let made = test.domain.own_keys.create(&alpha, for_mcp(chosen), &test.context()).await.unwrap();
        assert_eq!(made.key.scopes, given);
    }
    // It is no way around what the caller lacks.
    let chosen = Scopes::of([Scope::KeysManage]);
    let who = narrowed(&test, &alpha, chosen).await;
    let refused = test.domain.own_keys.create(&who, for_mcp(chosen), &test.context()).await;
    assert_eq!(refused.err(), Some(ManageKeyError::ScopeNotHeld));
}
