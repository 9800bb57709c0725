//! The app: how it is put together for a test, and how a test talks to it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_http::Request;
use actix_web::body::to_bytes;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use keyward_domain::Domain;
use keyward_domain::mail::OutgoingMail;
use keyward_domain::secret::Sealer;
use keyward_server::compose::{self, Keyward, Seams, State};
use keyward_server::config::{Config, Environment};
use keyward_server::jobs::Jobs;
use tempfile::TempDir;

use super::Answer;
use super::described::undescribed;
use super::ready_keys::ready_keys;
use crate::clock::FakeClock;
use crate::entropy::SeededEntropy;
use crate::mail::FakeMailer;
use crate::postgres::PostgresDatabase;
use crate::sealer::FakeSealer;

type Answering = Pin<Box<dyn Future<Output = Answer>>>;

/// Which database an app stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// A file in a directory that is gone afterwards.
    Sqlite,
    /// A database on the scratch cluster, dropped afterwards.
    Postgres,
}

impl Database {
    /// Both: most tests run on each.
    pub const BOTH: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// The whole app.
pub struct TestApp {
    send: Box<dyn Fn(Request) -> Answering>,
    state: Arc<State>,
    pub(super) keyward: Keyward,
    clock: Arc<FakeClock>,
    mailer: Arc<FakeMailer>,
    data_dir: TempDir,
    _postgres: Option<PostgresDatabase>,
}

/// In what an app differs from the usual one, apart from its configuration.
struct Ways {
    lease: Duration,
    limits: &'static str,
    key_sealer: Option<Arc<dyn Sealer>>,
}

impl Default for Ways {
    /// A lease that is longer than a server's own: a machine that is busy with other tests must not lapse it.
    fn default() -> Self {
        Self { lease: Duration::from_secs(20), limits: "off", key_sealer: None }
    }
}

impl TestApp {
    /// An app with the default configuration, but without limits: most tests ask more than one client may.
    pub async fn start(database: Database) -> Self {
        Self::with_config(database, "").await
    }

    /// An app whose `keyward.toml` reads so.
    pub async fn with_config(database: Database, toml: &str) -> Self {
        let postgres = (database == Database::Postgres).then(PostgresDatabase::create);
        let url = postgres.as_ref().map(PostgresDatabase::url);
        Self::with_url(url, postgres, toml).await
    }

    /// An app whose `keyward.toml` reads so, with limits.
    pub async fn with_limits(database: Database, toml: &str) -> Self {
        let postgres = (database == Database::Postgres).then(PostgresDatabase::create);
        let url = postgres.as_ref().map(PostgresDatabase::url);
        Self::put_together(url, postgres, toml, Ways { limits: "on", ..Ways::default() }).await
    }

    /// An app that reaches its database by another URL, such as a proxy's.
    pub async fn with_url(url: Option<String>, postgres: Option<PostgresDatabase>, toml: &str) -> Self {
        Self::with_lease(url, postgres, toml, Ways::default().lease).await
    }

    /// The same, and what it remembers may be trusted for so long beside other servers.
    pub async fn with_lease(
        url: Option<String>,
        postgres: Option<PostgresDatabase>,
        toml: &str,
        lease: Duration,
    ) -> Self {
        Self::put_together(url, postgres, toml, Ways { lease, ..Ways::default() }).await
    }

    /// An app whose signing keys are sealed so.
    pub(super) async fn with_sealer(database: Database, toml: &str, sealer: FakeSealer) -> Self {
        let postgres = (database == Database::Postgres).then(PostgresDatabase::create);
        let url = postgres.as_ref().map(PostgresDatabase::url);
        let key_sealer: Option<Arc<dyn Sealer>> = Some(Arc::new(sealer));
        Self::put_together(url, postgres, toml, Ways { key_sealer, ..Ways::default() }).await
    }

    async fn put_together(
        url: Option<String>,
        postgres: Option<PostgresDatabase>,
        toml: &str,
        Ways { lease, limits, key_sealer }: Ways,
    ) -> Self {
        let data_dir = tempfile::tempdir().expect("a scratch directory");
        let file = data_dir.path().join("keyward.toml");
        std::fs::write(&file, toml).expect("a configuration file");
        let data = data_dir.path().join("data").display().to_string();
        let sqlite = format!("sqlite:{data}/keyward.db");
        let url = url.unwrap_or(sqlite);
        let environment = Environment::of([
            ("KEYWARD_DATA_DIR", data.as_str()),
            ("KEYWARD_DATABASE_URL", url.as_str()),
            ("KEYWARD_RATE_LIMITS", limits),
        ]);
        let config = Config::load(Some(&file), environment).expect("a good configuration");
        let clock = Arc::new(FakeClock::default());
        let entropy = Arc::new(SeededEntropy::new(7));
        let mailer = Arc::new(FakeMailer::new());
        let seams = Seams {
            clock: clock.clone(),
            entropy,
            lease,
            mailer: Some(mailer.clone()),
            key_sealer,
            ready_keys: ready_keys(),
        };
        let keyward =
            keyward_server::start(&config, "http://127.0.0.1:8080", seams).await.expect("a good start");
        let state = Arc::clone(&keyward.state);
        let send = service(Arc::clone(&state)).await;
        Self { send, state, keyward, clock, mailer, data_dir, _postgres: postgres }
    }

    /// Sends a request and reads the whole answer. Panics if it is not as the API's description says.
    pub async fn send(&self, request: TestRequest) -> Answer {
        (self.send)(request.to_request()).await
    }

    /// The use cases behind the surfaces, for what has no route yet.
    pub fn domain(&self) -> &Domain {
        &self.state.domain
    }

    /// What its surfaces share, for a test that listens on a socket.
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.state)
    }

    /// What the server does by itself, for a test that decides when.
    pub fn jobs(&self) -> &Jobs {
        &self.keyward.jobs
    }

    /// What its mails are given to.
    pub fn mailer(&self) -> &FakeMailer {
        &self.mailer
    }

    /// Sends everything that is due, and gives what was sent since it was last asked.
    pub async fn send_mail(&self) -> Vec<OutgoingMail> {
        self.keyward.mail.send_due().await.expect("an outbox");
        self.mailer.take()
    }

    /// The clock that the app goes by.
    pub fn clock(&self) -> &FakeClock {
        &self.clock
    }

    /// Ends its database: every later request that needs it is 503.
    pub fn close(&self) {
        self.keyward.close();
    }

    /// The key of its first admin.
    pub fn admin_key(&self) -> String {
        let file = self.data_dir().join("data/admin.key");
        std::fs::read_to_string(file).expect("the key that the first start makes").trim().to_owned()
    }

    /// Where its files are.
    pub fn data_dir(&self) -> &std::path::Path {
        self.data_dir.path()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.keyward.close();
    }
}

async fn service(state: Arc<State>) -> Box<dyn Fn(Request) -> Answering> {
    let service = init_service(compose::app(state)).await;
    Box::new(move |request| {
        let answered = service.call(request);
        Box::pin(async move { answer(answered.await.expect("every refusal is an answer")).await })
    })
}

async fn answer(response: ServiceResponse) -> Answer {
    let route = response.request().match_pattern();
    let method = response.request().method().to_string();
    let status = response.status().as_u16();
    let headers = response.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()));
    let headers = headers.collect();
    let body = to_bytes(response.into_body()).await.expect("a body in memory").to_vec();
    let answer = Answer { status, headers, body };
    assert_eq!(route.and_then(|route| undescribed(&method, &route, &answer)), None);
    answer
}
