//! The deeds: what is ended, how, and which credentials die of it.

use keyward_domain::accounts::{EmailAddress, NewPassword, Password, RegisteredAccount};
use keyward_domain::audit::Actor;
use keyward_domain::ids::AgentId;
use keyward_domain::keys::KeyPrefix;
use keyward_domain::principal::Principal;
use keyward_testkit::domain::{ALPHA_PASSWORD, alpha_bot, one_hour};

use super::world::World;

/// A kind of deed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    RevokeKey,
    SuspendAccount,
    ArchiveAccount,
    EraseAccount,
    LogOut,
    LogOutEverywhere,
    ChangePassword,
    ArchiveAgent,
    DeleteAgent,
    RegenerateKey,
}

impl Kind {
    pub(super) const ALL: &[Self] = &[
        Self::RevokeKey,
        Self::SuspendAccount,
        Self::ArchiveAccount,
        Self::EraseAccount,
        Self::LogOut,
        Self::LogOutEverywhere,
        Self::ChangePassword,
        Self::ArchiveAgent,
        Self::DeleteAgent,
        Self::RegenerateKey,
    ];
}

/// Somebody whose credentials will end.
pub(super) struct Victim {
    account: RegisteredAccount,
    pub(super) key: String,
    pub(super) agent_key: String,
    pub(super) token: String,
}

/// Which of a victim's credentials a deed ends.
pub(super) struct Dies {
    pub(super) key: bool,
    pub(super) agent_key: bool,
    pub(super) token: bool,
}

impl Kind {
    /// What ends with the deed; everything else stays good.
    pub(super) const fn dies(self) -> Dies {
        match self {
            Self::RevokeKey => Dies { key: true, agent_key: false, token: true },
            Self::SuspendAccount | Self::ArchiveAccount | Self::EraseAccount => {
                Dies { key: true, agent_key: true, token: true }
            }
            Self::LogOut | Self::LogOutEverywhere | Self::ChangePassword => {
                Dies { key: false, agent_key: false, token: true }
            }
            Self::ArchiveAgent | Self::DeleteAgent | Self::RegenerateKey => {
                Dies { key: false, agent_key: true, token: false }
            }
        }
    }

    /// Does it. When this returns, it has been answered.
    pub(super) async fn end(self, world: &World, victim: &Victim) {
        let (domain, context, actor) = (&world.domain, world.context(), Actor::System);
        let (id, prefix) = (victim.account.account.id, KeyPrefix::from_static("ak_live_"));
        match self {
            Self::RevokeKey => {
                let key = victim.account.key.issued.key.id;
                domain.key_administration.revoke(key, &actor, &context).await.expect("a revocation");
            }
            Self::EraseAccount => domain.accounts.erase(id, &actor, &context).await.expect("an end"),
            Self::SuspendAccount => {
                domain.accounts.suspend(id, &actor, &context).await.expect("a suspension")
            }
            Self::ArchiveAccount => domain.accounts.archive(id, &actor, &context).await.expect("an end"),
            Self::LogOut => {
                let owner = victim.principal(world).await;
                domain.tokens.log_out(&owner, &context).await.expect("a logout");
            }
            Self::LogOutEverywhere => {
                let owner = victim.principal(world).await;
                domain.tokens.log_out_everywhere(&owner, &context).await.expect("a logout");
            }
            Self::ChangePassword => {
                let present = Password::parse(ALPHA_PASSWORD).expect("a password");
                let chosen = NewPassword::parse("another-secure-password", &[]).expect("a password");
                let changed = domain.accounts.change_password(id, &present, &chosen, &context);
                changed.await.expect("a change");
            }
            Self::ArchiveAgent => {
                let owner = victim.principal(world).await;
                drop(domain.agents.archive(&owner, victim.agent(), &context).await.expect("an end"));
            }
            Self::DeleteAgent => {
                let owner = victim.principal(world).await;
                domain.agents.delete(&owner, victim.agent(), &context).await.expect("an end");
            }
            Self::RegenerateKey => {
                let owner = victim.principal(world).await;
                let regenerated = domain.agents.regenerate_key(&owner, victim.agent(), &prefix, &context);
                drop(regenerated.await.expect("a key"));
            }
        }
    }
}

impl Victim {
    /// Registers one, with a key, an agent's key and a token, all of them good.
    pub(super) async fn register(world: &World, kind: Kind, number: usize) -> Self {
        let mut command = alpha_bot();
        let address = format!("{kind:?}-{number}@example.com");
        command.email = Some(EmailAddress::parse(&address).expect("an address"));
        let account =
            world.domain.accounts.register(command, &world.context()).await.expect("an account").outcome;
        let key = account.key.issued.text.expose().clone();
        let secret = account.key.login_secret.as_ref().expect("a second secret").expose().clone();
        let token = world.domain.tokens.exchange_key(&key, &secret, &one_hour()).await.expect("a token");
        let agent_key = account.agent.as_ref().expect("an agent").1.text.expose().clone();
        Self { account, key, agent_key, token: token.text.expose().clone() }
    }

    /// Who the token speaks for.
    async fn principal(&self, world: &World) -> Principal {
        world.domain.tokens.authenticate(&self.token).await.expect("a good token")
    }

    fn agent(&self) -> AgentId {
        self.account.agent.as_ref().expect("an agent").0.id
    }
}
