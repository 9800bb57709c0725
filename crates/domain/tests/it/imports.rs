//! Taking over what another system knew.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use keyward_domain::accounts::{
    AccountStatus, AccountStore, DisplayName, EmailAddress, Password, PasswordHash, Plan,
};
use keyward_domain::audit::Action;
use keyward_domain::ids::AccountId;
use keyward_domain::imports::{
    ForeignAccount, ForeignAccountRefused, ForeignKeyRecord, ForeignKeyRefused, Import, ImportKeysError,
    ImportMode, ImportRefused, ImportStore, Imported, ImportedAccount, ImportedKey, KeyOwner,
};
use keyward_domain::keys::{AuthenticateKeyError, ForeignKey, KeyHandle, KeyLabel, KeyPolicy};
use keyward_domain::scope::{Scope, Scopes};
use keyward_domain::secret::Digest;
use keyward_domain::single_use::TokenDigest;
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_domain::{Domain, Ports};
use keyward_testkit::builders::admin;
use keyward_testkit::domain::{ALPHA_PASSWORD, TestDomain, alpha_bot, one_hour};
use keyward_testkit::memory::MemoryStore;
use keyward_testkit::passwords::{FakePasswordHasher, HashingWork};

use crate::key_text::forge;

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
    assert_eq!(test.store.find_with_key(account.id, None, test.clock.now()).await.unwrap().unwrap().1, None);
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
    async fn holders(
        &self,
        addresses: Vec<EmailAddress>,
    ) -> Result<Vec<(EmailAddress, AccountId)>, StoreError> {
        self.store.holders(addresses).await
    }

    async fn accounts_in_use(&self, ids: Vec<AccountId>) -> Result<Vec<AccountId>, StoreError> {
        self.store.accounts_in_use(ids).await
    }

    async fn handles_in_use(&self, handles: Vec<KeyHandle>) -> Result<Vec<KeyHandle>, StoreError> {
        self.store.handles_in_use(handles).await
    }

    async fn import_keys(&self, keys: Vec<ImportedKey>) -> Result<(), ImportRefused> {
        self.store.import_keys(keys).await
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

fn accepting(test: &TestDomain) -> Domain {
    let mut key_policy = KeyPolicy::default();
    key_policy.accept_imported = true;
    Domain::new(Ports { key_policy, ..test.ports() })
}

/// The export's record of the key with this text.
fn record(test: &TestDomain, text: &str, owner: KeyOwner) -> ForeignKeyRecord {
    ForeignKeyRecord {
        owner,
        sha256: TokenDigest::digest(&*test.token_digest, text),
        label: KeyLabel::parse("from elsewhere").unwrap(),
        scopes: Scopes::ALL,
        expires_at: None,
        enabled: true,
    }
}

async fn import_keys(
    test: &TestDomain,
    domain: &Domain,
    keys: &[ForeignKeyRecord],
) -> Result<Vec<Imported<ForeignKeyRefused>>, ImportKeysError> {
    let (actor, context) = (admin("root"), test.context());
    let import = Import { mode: ImportMode::Write, actor: &actor, context: &context };
    domain.imports.keys(keys, import).await
}

const UNKEY: &str = "unkey_3ZYwQ7RkD6mP4s";

#[tokio::test]
async fn an_imported_key_is_shown_as_any_other_and_dies_as_any_other() {
    let test = TestDomain::new();
    let domain = accepting(&test);
    let alpha = test.register(alpha_bot()).await.account;
    test.clock.advance(Duration::from_secs(1));
    let mut narrowed = record(&test, UNKEY, KeyOwner::Account(alpha.id));
    narrowed.scopes = Scopes::of([Scope::AccountRead]);
    let outcomes = import_keys(&test, &domain, &[narrowed]).await.unwrap();
    assert_eq!(outcomes, [Imported::New]);

    let principal = domain.keys.authenticate(UNKEY).await.unwrap();
    assert_eq!((principal.account, principal.scopes), (alpha.id, Scopes::of([Scope::AccountRead])));
    let id = principal.credential.key().unwrap();
    let [event, ..] = &*test.trail(alpha.id).await else { panic!("an event") };
    assert_eq!((event.action, event.target.clone()), (Action::KeyImported, format!("key:{id}")));
    let shown = test.domain.key_administration.page(None, None, 10).await.unwrap();
    let shown = shown.into_iter().find(|key| key.id == id).unwrap();
    assert!(shown.preview.starts_with("imported_"), "{shown:?}");
    assert_eq!(shown.label.as_str(), "from elsewhere");

    for wrong in ["unkey_3ZYwQ7RkD6mP4t", "unkey_3ZYwQ7RkD6mP4s ", "UNKEY_3ZYwQ7RkD6mP4s"] {
        assert_eq!(domain.keys.authenticate(wrong).await, Err(AuthenticateKeyError::UnknownKey), "{wrong}");
    }
    domain.key_administration.revoke(id, &admin("root"), &test.context()).await.unwrap();
    assert_eq!(domain.keys.authenticate(UNKEY).await, Err(AuthenticateKeyError::KeyRevoked));
}

#[tokio::test]
async fn threat_g1_without_the_operator_s_word_foreign_texts_are_refused_without_a_look_up() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await.account;
    let keys = [record(&test, UNKEY, KeyOwner::Account(alpha.id))];
    assert_eq!(import_keys(&test, &test.domain, &keys).await, Err(ImportKeysError::NotAccepted));
    import_keys(&test, &accepting(&test), &keys).await.unwrap();
    test.store.take_calls();
    assert_eq!(test.domain.keys.authenticate(UNKEY).await, Err(AuthenticateKeyError::UnknownKey));
    let ours_typed_wrong = format!("ak_live_{}7", "a".repeat(63));
    for domain in [&test.domain, &accepting(&test)] {
        assert_eq!(domain.keys.authenticate(&ours_typed_wrong).await, Err(AuthenticateKeyError::UnknownKey));
    }
    assert_eq!(test.store.take_calls(), Vec::<&str>::new());
}

/// A number of 256 bits in base62, as whoever knows the digest writes it.
fn base62(digest: &Digest) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut bits: Vec<u8> =
        digest.as_bytes().iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)).collect();
    let mut text = Vec::new();
    for _ in 0..43 {
        let mut remainder = 0;
        for bit in &mut bits {
            remainder = remainder * 2 + usize::from(*bit);
            *bit = u8::from(remainder >= 62);
            remainder %= 62;
        }
        text.push(DIGITS[remainder]);
    }
    text.reverse();
    String::from_utf8(text).unwrap()
}

/// Whoever has the other system's export and reads the database knows a key's digest and its handle.
#[tokio::test]
async fn threat_k4_an_export_and_a_copy_of_the_database_make_no_key() {
    let test = TestDomain::new();
    let domain = accepting(&test);
    let alpha = test.register(alpha_bot()).await.account;
    let stolen = record(&test, UNKEY, KeyOwner::Account(alpha.id));
    import_keys(&test, &domain, std::slice::from_ref(&stolen)).await.unwrap();
    let foreign = ForeignKey::of_digest(stolen.sha256, &*test.key_mac);
    let forged = forge("imported_", foreign.handle().as_str(), &base62(&stolen.sha256));
    assert_eq!(domain.keys.authenticate(&forged).await, Err(AuthenticateKeyError::UnknownKey));
    let hex: String = stolen.sha256.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(domain.keys.authenticate(&hex).await, Err(AuthenticateKeyError::UnknownKey));
}

#[tokio::test]
async fn keys_are_imported_once_for_accounts_that_are_there() {
    let test = TestDomain::new();
    let domain = accepting(&test);
    let alpha = test.register(alpha_bot()).await.account;
    let address = KeyOwner::Address(EmailAddress::parse("ALPHA@example.com").unwrap());
    let nobody = KeyOwner::Address(EmailAddress::parse("nobody@example.com").unwrap());
    let mut expired = record(&test, "expired_key_of_16", address.clone());
    expired.expires_at = Some(test.clock.now());
    let mut disabled = record(&test, "disabled_key_of_16", KeyOwner::Account(alpha.id));
    disabled.enabled = false;
    let batch = [
        record(&test, UNKEY, address),
        record(&test, UNKEY, KeyOwner::Account(alpha.id)),
        record(&test, "somebody_else_s_key", nobody),
        record(
            &test,
            "somebody_else_s_key",
            KeyOwner::Account(AccountId::generate(test.clock.now(), &*test.entropy)),
        ),
        expired,
        disabled,
    ];
    let refused = Imported::Refused(ForeignKeyRefused::NoAccount);
    let first = import_keys(&test, &domain, &batch).await.unwrap();
    let expected =
        [Imported::New, Imported::Present, refused.clone(), refused.clone(), Imported::New, Imported::New];
    assert_eq!(first, expected);
    let again = import_keys(&test, &domain, &batch).await.unwrap();
    let present = || Imported::Present;
    assert_eq!(again, [present(), present(), refused.clone(), refused, present(), present()]);
    assert!(domain.keys.authenticate(UNKEY).await.is_ok());
    assert_eq!(domain.keys.authenticate("expired_key_of_16").await, Err(AuthenticateKeyError::KeyExpired));
    assert_eq!(domain.keys.authenticate("disabled_key_of_16").await, Err(AuthenticateKeyError::KeyRevoked));
}

#[tokio::test]
async fn threat_e2_the_hasher_hears_of_imported_hashes_before_they_are_stored() {
    let test = TestDomain::new();
    test.store.set_outage_of("ImportStore::import_accounts", StoreError::Busy);
    let outcomes = import(&test, &test.domain, &[foreign("alpha@example.com")], ImportMode::Write).await;
    assert_eq!(outcomes, Err(StoreError::Busy));
    assert_eq!(test.passwords.expected(), [FakePasswordHasher::outdated(ALPHA_PASSWORD).expose().to_owned()]);
    let dry = import(&test, &test.domain, &[foreign("beta@example.com")], ImportMode::DryRun).await;
    assert_eq!((dry.unwrap(), test.passwords.expected().len()), (vec![Imported::New], 1));
}

#[tokio::test]
async fn threat_e2_the_hasher_hears_of_what_is_stored() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    test.domain.accounts.look_at_passwords().await.unwrap();
    assert_eq!(test.passwords.expected(), [FakePasswordHasher::current(ALPHA_PASSWORD).expose().to_owned()]);
}
