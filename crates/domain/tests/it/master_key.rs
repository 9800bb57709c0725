//! The master key: rotated at once or by a restart, cut short at every step, called off.

use std::sync::Arc;

use keyward_domain::audit::{Action, Actor};
use keyward_domain::deployment::{
    DeploymentStore, Fingerprint, KeyPlace, MasterKeyRetired, MasterKeyService, MasterKeyStatus,
    MasterKeyVault, RotateMasterKeyError, Slot, Slots, TakeOver, VaultError,
};
use keyward_domain::secret::Digest;
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_testkit::builders::admin;
use keyward_testkit::domain::TestDomain;
use keyward_testkit::vault::FakeVault;

const FIRST: Fingerprint = Fingerprint::new(Digest::new([1; 32]));
const OTHER: Fingerprint = Fingerprint::new(Digest::new([9; 32]));
const UNDER_WAY: Result<MasterKeyStatus, RotateMasterKeyError> = Err(RotateMasterKeyError::UnderWay);

/// A server and its database.
struct Server {
    test: TestDomain,
    vault: Arc<FakeVault>,
    keys: MasterKeyService,
}

type Asked = Result<MasterKeyStatus, RotateMasterKeyError>;

impl Server {
    async fn founded(take_over: TakeOver) -> Self {
        let server = Self::beside(TestDomain::new(), take_over);
        let slot = Slot { wrapped: FakeVault::wrapped_under(FIRST), added_at: server.test.clock.now() };
        server.test.store.found(OTHER, slot).await.unwrap();
        server
    }

    /// On a database that a release without slots has founded.
    fn founded_long_ago(take_over: TakeOver) -> Self {
        let server = Self::beside(TestDomain::new(), take_over);
        server.test.store.found_without_slots(FIRST);
        server
    }

    fn beside(test: TestDomain, take_over: TakeOver) -> Self {
        let vault = Arc::new(FakeVault::new(FIRST, take_over, test.entropy.clone()));
        let keys = test.master_keys(vault.clone());
        Self { test, vault, keys }
    }

    /// Another server with the same key, over the same database.
    fn another(&self) -> (Arc<FakeVault>, MasterKeyService) {
        let vault = Arc::new(FakeVault::new(FIRST, TakeOver::ByRestart, self.test.entropy.clone()));
        (vault.clone(), self.test.master_keys(vault))
    }

    async fn rotate(&self) -> Asked {
        self.keys.rotate(&jane(), &self.test.context()).await
    }

    async fn finish(&self) -> Asked {
        self.keys.finish(&jane(), &self.test.context()).await
    }

    async fn cancel(&self) -> Asked {
        self.keys.cancel(&jane(), &self.test.context()).await
    }

    async fn slots(&self) -> Slots {
        self.test.store.deployment().await.unwrap().unwrap().slots
    }

    /// Whether a server could be started now.
    async fn can_start(&self) -> bool {
        let deployment = self.test.store.deployment().await.unwrap().unwrap();
        let found = self.vault.found_by_a_start();
        deployment.wrapped_for(found).is_some()
            || (deployment.slots == Slots::Unwritten && deployment.root == found)
    }

    async fn actions(&self) -> Vec<Action> {
        let mut actions: Vec<_> = self.test.trail(None).await.iter().map(|event| event.action).collect();
        actions.sort_by_key(|action| action.as_str());
        actions
    }
}

fn jane() -> Actor {
    admin("jane")
}

/// Which keys there are, and whether the server runs by them.
fn seen(status: &MasterKeyStatus) -> Vec<(KeyPlace, bool)> {
    status.keys.iter().map(|key| (key.place, key.is_running)).collect()
}

#[tokio::test]
async fn a_server_that_keeps_its_key_goes_over_to_the_new_one_at_once() {
    for server in [Server::founded(TakeOver::AtOnce).await, Server::founded_long_ago(TakeOver::AtOnce)] {
        let status = server.rotate().await.unwrap();
        let new = server.vault.found_by_a_start();
        assert_ne!(new, FIRST);
        assert_eq!((server.vault.running(), server.vault.waiting()), (new, None));
        assert_eq!(seen(&status), [(KeyPlace::Current, true)]);
        assert_eq!((status.keys[0].fingerprint, status.waiting_in), (new, None));
        assert!(matches!(server.slots().await, Slots::One(slot) if slot.master_key() == new));
        assert_eq!(server.actions().await, [Action::MasterKeyRetired, Action::MasterKeyRotated]);

        assert!(server.rotate().await.is_ok(), "and again");
        assert_ne!(server.vault.found_by_a_start(), new);
        assert!(server.can_start().await);
    }
}

#[tokio::test]
async fn the_trail_names_the_admin_and_the_keys() {
    let server = Server::founded(TakeOver::AtOnce).await;
    server.rotate().await.unwrap();
    let new = server.vault.running();
    let trail = server.test.trail(None).await;
    let deeds: Vec<_> = trail.iter().map(|event| (event.action, event.target.as_str())).collect();
    let (retired, rotated) = (format!("master_key:{FIRST}"), format!("master_key:{new}"));
    assert!(deeds.contains(&(Action::MasterKeyRetired, &retired)), "{deeds:?}");
    assert!(deeds.contains(&(Action::MasterKeyRotated, &rotated)), "{deeds:?}");
    assert!(trail.iter().all(|event| event.actor == "admin:jane" && event.request_id.is_some()));
}

#[tokio::test]
async fn a_rotation_that_was_cut_short_at_any_step_starts_and_goes_on() {
    let outage = || StoreError::Unavailable("the server was killed".to_owned());
    for restarts in [true, false] {
        // The disk fails before the first step, and between the second and the third; the database before the second
        // and after the third.
        for step in 0..4 {
            let server = Server::founded_long_ago(TakeOver::AtOnce);
            match step {
                0 => server.vault.set_broken(true),
                1 => server.test.store.set_outage_of("DeploymentStore::add_slot", outage()),
                2 => {
                    // Announced by a server that does not take over, with the same files.
                    let by_restart = FakeVault::new(FIRST, TakeOver::ByRestart, server.test.entropy.clone());
                    let by_restart = Arc::new(by_restart);
                    let keys = server.test.master_keys(by_restart.clone());
                    keys.rotate(&jane(), &server.test.context()).await.unwrap();
                    server.vault.plant_next(by_restart.waiting().unwrap());
                    server.vault.set_broken(true);
                }
                _ => server.test.store.set_outage_of("DeploymentStore::drop_superseded", outage()),
            }
            server.rotate().await.unwrap_err();
            assert!(server.can_start().await, "after step {step}");
            let waits = server.vault.waiting();

            server.vault.set_broken(false);
            server.test.store.set_outage(None);
            if restarts {
                server.vault.restart();
            }
            let status = server.rotate().await.unwrap();
            assert_eq!(seen(&status), [(KeyPlace::Current, true)], "after step {step}");
            if let Some(next) = waits {
                assert_eq!(server.vault.running(), next, "the key that was made is taken: step {step}");
            }
            assert!(server.can_start().await);
            assert_eq!(server.actions().await, [Action::MasterKeyRetired, Action::MasterKeyRotated]);
        }
    }
}

#[tokio::test]
async fn beside_others_a_new_key_waits_for_a_restart_and_then_for_the_end() {
    for server in [Server::founded(TakeOver::ByRestart).await, Server::founded_long_ago(TakeOver::ByRestart)]
    {
        let status = server.rotate().await.unwrap();
        assert_eq!(seen(&status), [(KeyPlace::Superseded, true), (KeyPlace::Current, false)]);
        assert_eq!(status.waiting_in.as_deref(), Some(FakeVault::PLACE));
        assert_eq!(server.rotate().await, UNDER_WAY);
        assert_eq!(server.finish().await, Err(RotateMasterKeyError::RunsByTheOldKey));

        server.vault.install_next();
        server.vault.restart();
        assert_eq!(server.rotate().await, UNDER_WAY);
        assert_eq!(server.cancel().await, Err(RotateMasterKeyError::RunsByTheNewKey));
        let status = server.finish().await.unwrap();
        assert_eq!((seen(&status), status.waiting_in), (vec![(KeyPlace::Current, true)], None));
        assert!(server.finish().await.is_ok(), "it may be repeated");
        assert_eq!(server.actions().await, [Action::MasterKeyRetired, Action::MasterKeyRotated]);
    }
}

#[tokio::test]
async fn a_new_key_that_was_lost_is_called_off() {
    let server = Server::founded_long_ago(TakeOver::ByRestart);
    server.rotate().await.unwrap();
    let lost = server.vault.waiting().unwrap();
    server.vault.lose_next();
    assert_eq!(server.keys.status().await.unwrap().waiting_in, None);
    let status = server.cancel().await.unwrap();
    assert_eq!(seen(&status), [(KeyPlace::Current, true)]);
    assert!(server.cancel().await.is_ok(), "it may be repeated");
    assert!(server.can_start().await);

    server.rotate().await.unwrap();
    assert_ne!(server.vault.waiting(), Some(lost));
    server.cancel().await.unwrap();
    assert_eq!(server.vault.waiting(), None, "a key that was called off is not kept");
}

#[tokio::test]
async fn a_new_key_that_is_gone_before_it_took_over_is_missed() {
    let server = Server::founded(TakeOver::AtOnce).await;
    server.test.store.set_outage_of("DeploymentStore::add_slot", StoreError::Busy);
    server.rotate().await.unwrap_err();
    server.test.store.set_outage(None);
    let (_, another) = server.another();
    another.rotate(&jane(), &server.test.context()).await.unwrap();
    let missed = VaultError::NotThere(FakeVault::PLACE.to_owned());
    assert_eq!(server.rotate().await, Err(RotateMasterKeyError::Vault(missed)));
    assert!(server.cancel().await.is_ok() && server.rotate().await.is_ok());
}

#[tokio::test]
async fn a_server_whose_key_was_retired_elsewhere_changes_nothing() {
    let server = Server::founded(TakeOver::ByRestart).await;
    let (vault, another) = server.another();
    another.rotate(&jane(), &server.test.context()).await.unwrap();
    vault.install_next();
    vault.restart();
    another.finish(&jane(), &server.test.context()).await.unwrap();

    let retired = Err(RotateMasterKeyError::Retired(MasterKeyRetired));
    assert_eq!(server.rotate().await, retired);
    assert_eq!(server.finish().await, retired);
    assert_eq!(server.cancel().await, retired);
    assert_eq!(seen(&server.keys.status().await.unwrap()), [(KeyPlace::Current, false)]);
}

#[tokio::test]
async fn a_copy_of_the_running_key_is_no_new_key() {
    let server = Server::founded(TakeOver::ByRestart).await;
    server.vault.plant_next(FIRST);
    let taken = RotateMasterKeyError::PlaceTaken(FakeVault::PLACE.to_owned());
    assert_eq!(server.rotate().await, Err(taken));
    assert_eq!(server.vault.waiting(), Some(FIRST), "it may be the only one");
    assert!(matches!(server.slots().await, Slots::One(_)));
}

#[tokio::test]
async fn of_two_servers_that_rotate_at_once_one_does_and_the_other_keeps_no_key() {
    let server = Server::founded(TakeOver::ByRestart).await;
    let (other_vault, other) = server.another();
    let context = server.test.context();
    let by = jane();
    let (one, two) = tokio::join!(server.rotate(), other.rotate(&by, &context));
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|won| **won).count(), 1, "{one:?} {two:?}");
    let kept = [server.vault.waiting(), other_vault.waiting()];
    assert_eq!(kept.iter().flatten().count(), 1, "{kept:?}");
}
