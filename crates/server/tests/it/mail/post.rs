//! The mail server of a test, and a place on each database.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use keyward_testkit::postgres::PostgresDatabase;
use keyward_testkit::smtp::{Manners, SmtpServer, Taken};
use tokio::net::TcpSocket;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::process::Place;

/// After so long whatever a test waits for is not coming: on a machine that is slow enough for a mail to fail five times,
/// the next try is more than six minutes away.
const DEADLINE: Duration = Duration::from_secs(900);

/// A mail server and what it runs on.
pub(super) struct Post {
    runtime: Runtime,
    server: SmtpServer,
}

impl Post {
    pub(super) fn open(manners: Manners) -> Self {
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(SmtpServer::start(manners));
        Self { runtime, server }
    }

    pub(super) fn url(&self) -> String {
        url(self.server.address())
    }

    pub(super) fn behave(&self) {
        self.server.behave();
    }

    pub(super) fn taken(&self) -> Vec<Taken> {
        self.server.taken()
    }

    /// Waits until the mails that were taken are enough, and gives them.
    pub(super) fn taken_when(&self, enough: impl Fn(&[Taken]) -> bool) -> Vec<Taken> {
        self.taken_within(DEADLINE, enough)
    }

    /// The same, with as much time.
    pub(super) fn taken_within(&self, deadline: Duration, enough: impl Fn(&[Taken]) -> bool) -> Vec<Taken> {
        self.wait(deadline, self.server.taken_when(enough))
    }

    /// Waits until it has done wrong.
    pub(super) fn wait_for_mischief(&self) {
        self.wait(DEADLINE, self.server.mischief());
    }

    fn wait<T>(&self, deadline: Duration, event: impl Future<Output = T>) -> T {
        let waited = self.runtime.block_on(async { timeout(deadline, event).await });
        waited.unwrap_or_else(|_| panic!("it does not come; {} mails were taken", self.taken().len()))
    }
}

fn url(address: SocketAddr) -> String {
    format!("smtp://{address}")
}

/// A mail server that is down: its port is its own, and nobody listens there.
pub(super) struct Closed(TcpSocket);

impl Closed {
    pub(super) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        Self(socket)
    }

    pub(super) fn url(&self) -> String {
        url(self.0.local_addr().unwrap())
    }

    /// It is up.
    pub(super) fn open(self) -> Post {
        let runtime = Runtime::new().unwrap();
        let server =
            runtime.block_on(async { SmtpServer::start_on(self.0.listen(128).unwrap(), Manners::default()) });
        Post { runtime, server }
    }
}

/// Runs the test on SQLite and on PostgreSQL, at the same time.
pub(super) fn on_each_database(test: impl Fn(Place, Option<&PostgresDatabase>) + Sync) {
    thread::scope(|scope| {
        scope.spawn(|| test(Place::new(), None));
        let database = PostgresDatabase::create();
        test(Place::new().with("KEYWARD_DATABASE_URL", &database.url()), Some(&database));
    });
}

/// Whether the mail is for this address, and has a link to this page.
pub(super) fn is_for(mail: &Taken, address: &str, page: &str) -> bool {
    mail.to == [format!("<{address}>")] && mail.data.contains(&format!("/{page}?token="))
}

/// The token of the link to `page` below `url`.
pub(super) fn token(mail: &Taken, url: &str, page: &str) -> String {
    let start = format!("{url}/{page}?token=");
    let (_, rest) = mail.data.split_once(&start).unwrap_or_else(|| panic!("no {start} in {}", mail.data));
    rest.split(['\r', '"', '<']).next().unwrap().to_owned()
}
