//! Taking over what another system knew.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use keyward_domain::accounts::{
    AccountStatus, AccountStore, DisplayName, EmailAddress, Password, PasswordHash, Plan,
};
use keyward_domain::audit::Action;
use keyward_domain::imports::{
    ForeignAccount, ForeignAccountRefused, Import, ImportMode, ImportRefused, ImportStore, Imported,
    ImportedAccount,
};
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_domain::{Domain, Ports};
use keyward_testkit::builders::admin;
use keyward_testkit::domain::{ALPHA_PASSWORD, TestDomain, alpha_bot, one_hour};
use keyward_testkit::memory::MemoryStore;
use keyward_testkit::passwords::{FakePasswordHasher, HashingWork};

fn foreign(typed: &str) -> ForeignAccount {
    let email = EmailAddress::parse(typed).unwrap();
    ForeignAccount {
        display_name: DisplayName::of_address(&email),
        email,
        email_verified: false,
        password: Some(FakePasswordHasher::outdated(ALPHA_PASSWORD)),
        plan: Plan::Free,
        created_at: None,
    }
}

async fn import(
    test: &TestDomain,
    domain: &Domain,
    accounts: &[ForeignAccount],
    mode: ImportMode,
) -> Result<Vec<Imported<ForeignAccountRefused>>, StoreError> {
    let (actor, context) = (admin("root"), test.context());
    domain.imports.accounts(accounts, Import { mode, actor: &actor, context: &context }).await
}

#[tokio::test]
async fn an_imported_account_is_what_the_other_system_said_and_has_no_key() {
    let test = TestDomain::new();
    let created_at = test.clock.now().saturating_sub(Duration::from_secs(86_400));
    let account = ForeignAccount {
        email_verified: true,
        display_name: DisplayName::parse("Alpha").unwrap(),
        plan: Plan::Pro,
        created_at: Some(created_at),
        ..foreign("Alpha@Example.com")
    };
    let outcomes = import(&test, &test.domain, &[account], ImportMode::Write).await.unwrap();
    assert_eq!(outcomes, [Imported::New]);

    let kept = test.store.page(None, None, 10).await.unwrap();
    let [account] = kept.as_slice() else { panic!("{kept:?}") };
    let email = account.email.as_ref().unwrap();
    assert_eq!((email.address.as_typed(), email.verified_at), ("Alpha@Example.com", Some(test.clock.now())));
    assert_eq!((account.display_name.as_str(), account.plan), ("Alpha", Plan::Pro));
    assert_eq!((account.status, account.created_at), (AccountStatus::Active, created_at));
    assert_eq!(test.store.find_with_key(account.id, None).await.unwrap().unwrap().1, None);
    let [event] = &*test.trail(account.id).await else { panic!("one event") };
    assert_eq!((event.action, event.actor.as_str()), (Action::AccountImported, "admin:root"));
    assert!(test.domain.trail.is_intact(event));
    assert!(test.send_mail().await.is_empty());
}

#[tokio::test]
async fn an_imported_password_logs_in_and_is_hashed_anew() {
    let test = TestDomain::new();
    import(&test, &test.domain, &[foreign("alpha@example.com")], ImportMode::Write).await.unwrap();
    assert_eq!(test.passwords.take_work(), HashingWork::default(), "an import hashes nothing");
    let email = EmailAddress::parse("ALPHA@example.com").unwrap();
    let password = Password::parse(ALPHA_PASSWORD).unwrap();
    let login =
        test.domain.tokens.log_in_with_password(&email, &password, &one_hour(), &test.context()).await;
    assert!(login.is_ok(), "{login:?}");
    let stored = test.store.find_login(&email).await.unwrap().unwrap().password.unwrap();
    assert_eq!(stored.expose(), FakePasswordHasher::current(ALPHA_PASSWORD).expose());
}

#[tokio::test]
async fn the_same_batch_again_changes_nothing() {
    let test = TestDomain::new();
    let batch = ["alpha@example.com", "beta@example.com", "ALPHA@example.com"].map(foreign);
    let first = import(&test, &test.domain, &batch, ImportMode::Write).await.unwrap();
    assert_eq!(first, [Imported::New, Imported::New, Imported::Present]);
    let before = test.trail(None).await;
    let second = import(&test, &test.domain, &batch, ImportMode::Write).await.unwrap();
    assert_eq!(second, [Imported::Present, Imported::Present, Imported::Present]);
    assert_eq!(test.trail(None).await, before);
}

#[tokio::test]
async fn an_account_that_registered_by_itself_is_left_as_it_is() {
    let test = TestDomain::new();
    let own = test.register(alpha_bot()).await.account;
    let outcomes = import(&test, &test.domain, &[foreign("alpha@example.com")], ImportMode::Write).await;
    assert_eq!(outcomes.unwrap(), [Imported::Present]);
    let login = test.store.find_login(&own.email.unwrap().address).await.unwrap().unwrap();
    assert_eq!(login.password.unwrap().expose(), FakePasswordHasher::current(ALPHA_PASSWORD).expose());
}

#[tokio::test]
async fn a_line_that_cannot_be_taken_over_stops_no_other() {
    let test = TestDomain::new();
    let later = test.clock.now().saturating_add(Duration::from_secs(1));
    let batch = [
        foreign("alpha@example.com"),
        ForeignAccount {
            password: Some(PasswordHash::new("$1$old".to_owned())),
            ..foreign("beta@example.com")
        },
        ForeignAccount { created_at: Some(later), ..foreign("gamma@example.com") },
        ForeignAccount { password: None, ..foreign("delta@example.com") },
    ];
    for mode in [ImportMode::DryRun, ImportMode::Write] {
        let outcomes = import(&test, &test.domain, &batch, mode).await.unwrap();
        let expected = [
            Imported::New,
            Imported::Refused(ForeignAccountRefused::UnusablePassword("not a fake hash")),
            Imported::Refused(ForeignAccountRefused::FromTheFuture),
            Imported::New,
        ];
        assert_eq!(outcomes, expected, "{mode:?}");
        let written = if mode == ImportMode::Write { 2 } else { 0 };
        assert_eq!(test.store.page(None, None, 10).await.unwrap().len(), written, "{mode:?}");
    }
}

/// A store in which somebody registers between the look-up and the writing, as often as it is told.
struct Overtaken {
    store: Arc<MemoryStore>,
    left: AtomicUsize,
}

#[async_trait]
impl ImportStore for Overtaken {
    async fn addresses_in_use(&self, addresses: Vec<EmailAddress>) -> Result<Vec<EmailAddress>, StoreError> {
        self.store.addresses_in_use(addresses).await
    }

    async fn import_accounts(&self, accounts: Vec<ImportedAccount>) -> Result<(), ImportRefused> {
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match left {
            Ok(_) => Err(ImportRefused::Overtaken),
            Err(_) => self.store.import_accounts(accounts).await,
        }
    }
}

#[tokio::test]
async fn a_batch_that_is_overtaken_is_tried_again_and_not_for_ever() {
    for (times, succeeds) in [(1, true), (7, true), (8, false)] {
        let test = TestDomain::new();
        let imports = Arc::new(Overtaken { store: test.store.clone(), left: AtomicUsize::new(times) });
        let domain = Domain::new(Ports { imports, ..test.ports() });
        let outcomes = import(&test, &domain, &[foreign("alpha@example.com")], ImportMode::Write).await;
        let expected = if succeeds { Ok(vec![Imported::New]) } else { Err(StoreError::Busy) };
        assert_eq!(outcomes, expected, "{times}");
    }
}

#[tokio::test]
async fn an_outage_is_no_absence() {
    let test = TestDomain::new();
    test.store.set_outage(Some(StoreError::Busy));
    let outcomes = import(&test, &test.domain, &[foreign("alpha@example.com")], ImportMode::Write).await;
    assert_eq!(outcomes, Err(StoreError::Busy));
}
