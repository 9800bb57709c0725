//! The contract of [`CredentialSource`](keyward_domain::credentials::CredentialSource): how a token's subject stands.

use keyward_domain::accounts::{AccountStanding, AccountStatus, Epoch, Plan};
use keyward_domain::agents::{AgentStanding, AgentStatus};
use keyward_domain::audit::Action;
use keyward_domain::credentials::{KeyStanding, TokenStanding, TokenSubject};
use keyward_domain::keys::{Generation, KeyState, RevocationReason};
use keyward_domain::scope::Scopes;

use super::Stores;
use crate::builders::Samples;

/// Account, agent and key stand as they were written.
pub async fn a_subject_stands_as_it_was_written(stores: &Stores) {
    let samples = Samples::new();
    let since = samples.at(1);
    let statuses =
        [AccountStatus::Active, AccountStatus::Suspended { since }, AccountStatus::Archived { since }];
    let revoked = KeyState::Revoked { at: since, reason: RevocationReason::ByAdmin };
    for status in statuses {
        for state in [KeyState::Active, revoked] {
            for agent_status in [AgentStatus::Active, AgentStatus::Archived { since }] {
                let mut registration = samples.registration_with_agent();
                registration.account.status = status;
                registration.account.epoch = Epoch::new(5);
                registration.account.plan = Plan::Pro;
                registration.key.state = state;
                registration.key.generation = Generation::new(6);
                let agent = &mut registration.agent.as_mut().unwrap().0;
                agent.status = agent_status;
                agent.epoch = Epoch::new(7);
                let subject = TokenSubject {
                    token: samples.token_id(),
                    account: registration.account.id,
                    agent: Some(agent.id),
                    key: Some(registration.key.id),
                };
                stores.register(&samples, &registration).await;

                let expected = TokenStanding {
                    is_revoked: false,
                    account: Some(AccountStanding { status, epoch: Epoch::new(5), plan: Plan::Pro }),
                    agent: Some(AgentStanding { status: agent_status, epoch: Epoch::new(7) }),
                    key: Some(KeyStanding {
                        state,
                        expires_at: None,
                        scopes: Scopes::ALL,
                        generation: Generation::new(6),
                    }),
                };
                assert_eq!(stores.standing(subject).await, Ok(expected));
            }
        }
    }
}

/// What the token does not name is absent, though it exists.
pub async fn what_a_token_does_not_name_is_absent(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration_with_agent();
    stores.register(&samples, &registration).await;
    let (agent, agent_key) = registration.agent.as_ref().unwrap();
    for agent in [None, Some(agent.id)] {
        for key in [None, Some(registration.key.id), Some(agent_key.id)] {
            let subject =
                TokenSubject { token: samples.token_id(), account: registration.account.id, agent, key };
            let standing = stores.standing(subject).await.unwrap();
            assert!(standing.account.is_some());
            assert_eq!(standing.agent.is_some(), agent.is_some());
            assert_eq!(standing.key.is_some(), key.is_some());
        }
    }
}

/// What does not exist is absent, each for itself.
pub async fn what_does_not_exist_is_absent(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration_with_agent();
    stores.register(&samples, &registration).await;
    let nobody = TokenStanding { is_revoked: false, account: None, agent: None, key: None };
    let (agent, key) = (Some(samples.agent_id()), Some(samples.key_id()));
    let subject = TokenSubject { token: samples.token_id(), account: samples.account_id(), agent, key };
    assert_eq!(stores.standing(subject).await, Ok(nobody));
    let subject = TokenSubject { token: samples.token_id(), account: registration.account.id, agent, key };
    let standing = stores.standing(subject).await.unwrap();
    assert_eq!(standing, TokenStanding { account: standing.account, ..nobody });
    assert!(standing.account.is_some());
}

/// An agent or a key of another account counts as one that does not exist.
pub async fn threat_a2_what_is_another_account_s_is_absent(stores: &Stores) {
    let samples = Samples::new();
    let (own, other) = (samples.registration_with_agent(), samples.registration_with_agent());
    stores.register(&samples, &own).await;
    stores.register(&samples, &other).await;
    let (foreign_agent, foreign_agent_key) = other.agent.as_ref().unwrap();
    for account in [own.account.id, samples.account_id()] {
        for key in [other.key.id, foreign_agent_key.id] {
            let subject = TokenSubject {
                token: samples.token_id(),
                account,
                agent: Some(foreign_agent.id),
                key: Some(key),
            };
            let standing = stores.standing(subject).await.unwrap();
            assert_eq!((standing.agent, standing.key), (None, None));
        }
    }
    let mixed = TokenSubject {
        token: samples.token_id(),
        account: own.account.id,
        agent: Some(foreign_agent.id),
        key: Some(own.key.id),
    };
    let standing = stores.standing(mixed).await.unwrap();
    assert_eq!((standing.agent, standing.key.is_some()), (None, true));
}

/// A suspension and a revocation show at the next look-up.
pub async fn a_subject_stands_as_of_now(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    let (id, key) = (registration.account.id, registration.key.id);
    stores.register(&samples, &registration).await;
    let suspended = AccountStatus::Suspended { since: samples.at(1) };
    let event = samples.event(Action::AccountSuspended, id, samples.at(1));
    let change = stores.accounts.change_status(id, Epoch::FIRST, AccountStatus::Active, suspended, event);
    assert_eq!(change.await, Ok(true));
    let event = samples.event(Action::KeyRevoked, id, samples.at(2));
    let revoked = stores.keys.revoke(key, samples.at(2), RevocationReason::Requested, event).await;
    assert_eq!(revoked, Ok(true));

    let subject = TokenSubject { token: samples.token_id(), account: id, agent: None, key: Some(key) };
    let standing = stores.standing(subject).await.unwrap();

    assert_eq!(standing.account.map(|account| account.status), Some(suspended));
    let state = KeyState::Revoked { at: samples.at(2), reason: RevocationReason::Requested };
    assert_eq!(standing.key.map(|key| key.state), Some(state));
}
