//! The real store and cache, with a password hasher and a signer that cost nothing.

use std::sync::Arc;

use keyward_cache::{CacheOptions, CredentialCache, Lease};
use keyward_domain::ids::RequestId;
use keyward_domain::request::RequestContext;
use keyward_domain::time::Clock;
use keyward_domain::{Domain, Ports};
use keyward_storage::{DatabaseUrl, Store, StoreOptions};
use keyward_testkit::domain::TestDomain;
use keyward_testkit::postgres::PostgresDatabase;
use tempfile::TempDir;

/// A domain over a real database.
pub(super) struct World {
    pub(super) domain: Domain,
    pub(super) store: Arc<Store>,
    fakes: TestDomain,
    _folder: Option<TempDir>,
    _database: Option<PostgresDatabase>,
}

impl World {
    pub(super) fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a scratch directory");
        let url = DatabaseUrl::sqlite(folder.path().join("keyward.db"));
        Self::over(&url, Some(folder), None)
    }

    pub(super) fn on_postgres() -> Self {
        let database = PostgresDatabase::create();
        let url = database.url().parse().expect("a database URL");
        Self::over(&url, None, Some(database))
    }

    fn over(url: &DatabaseUrl, folder: Option<TempDir>, database: Option<PostgresDatabase>) -> Self {
        let store = Store::open(url, StoreOptions::default()).expect("a database");
        store.migrate().expect("a schema");
        let (store, fakes) = (Arc::new(store), TestDomain::new());
        // One server: what it ends, it hears of inside the deed. Leases have tests of their own.
        let options = CacheOptions { capacity: 100_000, lease: Lease::Alone };
        let cache = Arc::new(CredentialCache::new(store.clone(), fakes.clock.clone(), options));
        store.tell(cache.clone());
        let domain = Domain::new(Ports {
            accounts: store.clone(),
            agents: store.clone(),
            keys: store.clone(),
            credentials: cache,
            revocations: store.clone(),
            audit: store.clone(),
            sessions: store.clone(),
            ..fakes.ports()
        });
        Self { domain, store, fakes, _folder: folder, _database: database }
    }

    pub(super) fn context(&self) -> RequestContext {
        RequestContext::of_ours(RequestId::generate(self.fakes.clock.now(), &*self.fakes.entropy))
    }

    pub(super) fn close(&self) {
        self.store.close();
    }
}
