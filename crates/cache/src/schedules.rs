//! A search over schedules: the same few steps in thousands of orders, each step of a lock or an atomic being a place
//! where another thread may go on. What is remembered must never outlive the answer to a revocation.

use std::sync::Arc;
use std::time::{Duration, Instant};

use keyward_domain::accounts::{AccountStanding, AccountStatus, Epoch, Plan};
use keyward_domain::credentials::{AccountRecord, Found, TokenSubject};
use keyward_domain::ids::{AccountId, TokenId};
use keyward_domain::revocations::{RevokedToken, Subject};
use keyward_domain::time::Instant as Moment;
use shuttle::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use shuttle::sync::{Mutex, mpsc};
use shuttle::thread;
use uuid::Uuid;

use crate::flights::{Flights, Runner, Want};
use crate::lease::{Lease, Running};
use crate::memory::Memory;
use crate::sync::lock;

/// How many orders are tried at random, and how many by a search for rare ones.
#[allow(clippy::disallowed_methods, reason = "the full number is asked for from outside")]
fn orders() -> usize {
    let asked = std::env::var("KEYWARD_SCHEDULES").ok();
    asked.map_or(2_000, |text| text.parse().expect("KEYWARD_SCHEDULES is a number"))
}

const ACCOUNT: AccountId = AccountId::from_uuid(Uuid::from_u128(1));
const TOKEN: TokenId = TokenId::from_uuid(Uuid::from_u128(2));

fn moment() -> Moment {
    Moment::from_unix_micros(0).unwrap()
}

fn search(steps: fn()) {
    shuttle::check_random(steps, orders());
    shuttle::check_pct(steps, orders(), 3);
}

type Standing = Option<AccountStanding>;

/// One server's memory over a database that holds one account.
struct Server {
    memory: Memory,
    flights: Flights<mpsc::Sender<Standing>>,
    database: Mutex<AccountStatus>,
    /// The revocation has been answered.
    answered: AtomicBool,
}

impl Server {
    fn new() -> Arc<Self> {
        let (memory, flights) = (Memory::new(100), Flights::new());
        let database = Mutex::new(AccountStatus::Active);
        Arc::new(Self { memory, flights, database, answered: AtomicBool::new(false) })
    }

    fn read(&self) -> Found {
        let standing =
            AccountStanding { status: *lock(&self.database), epoch: Epoch::FIRST, plan: Plan::Free };
        Found { accounts: vec![AccountRecord { id: ACCOUNT, standing }], ..Found::default() }
    }

    /// A suspension as a store makes it: commit, forget, answer.
    fn suspend(&self) {
        *lock(&self.database) = AccountStatus::Suspended { since: moment() };
        self.memory.end(Subject::Account(ACCOUNT));
        self.answered.store(true, Ordering::SeqCst);
    }

    /// A check as the cache makes it. Whoever starts the runner is the runner.
    fn look(&self) -> Standing {
        if let Some(remembered) = self.memory.account(ACCOUNT) {
            return Some(remembered);
        }
        let (waiter, landed) = mpsc::channel();
        if self.flights.join(Want::Account(ACCOUNT), waiter, || self.memory.forgotten()) == Runner::MustStart
        {
            while let Some(wanted) = self.flights.take_off(|| self.memory.forgotten(), |_| false) {
                assert_eq!(wanted.accounts, [ACCOUNT]);
                let notes = self.memory.note();
                let found = self.read();
                self.memory.keep(&found, &notes);
                for (_, waiters) in self.flights.land() {
                    for waiter in waiters {
                        let _ = waiter.send(found.accounts.first().map(|account| account.standing));
                    }
                }
            }
        }
        landed.recv().unwrap()
    }

    fn check(&self) {
        let is_later = self.answered.load(Ordering::SeqCst);
        let standing = self.look().unwrap();
        let is_good = standing.status == AccountStatus::Active;
        assert!(!(is_later && is_good), "a check that began after the answer of a suspension was good");
    }
}

#[test]
fn threat_d9_no_schedule_lets_a_check_outlive_the_answer_of_a_suspension() {
    search(|| {
        let server = Server::new();
        let threads: Vec<_> = (0..3)
            .map(|number| {
                let server = Arc::clone(&server);
                thread::spawn(move || {
                    if number == 0 {
                        server.suspend();
                    } else {
                        server.check();
                        server.check();
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        server.check();
    });
}

#[test]
fn threat_d9_no_schedule_lets_everything_be_forgotten_but_one_late_answer() {
    search(|| {
        let server = Server::new();
        let reading = thread::spawn({
            let server = Arc::clone(&server);
            move || server.check()
        });
        *lock(&server.database) = AccountStatus::Suspended { since: moment() };
        server.memory.clear(&[]);
        server.answered.store(true, Ordering::SeqCst);
        server.check();
        reading.join().unwrap();
        server.check();
    });
}

#[test]
fn no_schedule_strands_whoever_waits_for_a_look_up() {
    search(|| {
        let server = Server::new();
        let look = |server: &Arc<Server>| {
            let server = Arc::clone(server);
            thread::spawn(move || server.look())
        };
        let threads = [look(&server), look(&server), look(&server)];
        server.memory.end(Subject::Account(ACCOUNT));
        for thread in threads {
            assert!(thread.join().unwrap().is_some());
        }
    });
}

#[test]
fn threat_j10_no_schedule_lets_a_token_outlive_the_answer_of_its_logout() {
    search(|| {
        let server = Server::new();
        server.memory.keep(&server.read(), &server.memory.note());
        let logout = thread::spawn({
            let server = Arc::clone(&server);
            move || {
                let token = RevokedToken { id: TOKEN, expires_at: moment() };
                server.memory.end(Subject::Token(token));
                server.answered.store(true, Ordering::SeqCst);
            }
        });
        for _ in 0..2 {
            let is_later = server.answered.load(Ordering::SeqCst);
            let subject = TokenSubject { token: TOKEN, account: ACCOUNT, agent: None, key: None };
            let standing = server.memory.recall_standing(subject).unwrap();
            assert!(!is_later || standing.is_revoked);
        }
        logout.join().unwrap();
    });
}

/// How long the lease of the second server is, and by how much its clock moves at a time.
const LEASE: u64 = 1_000;
const TICK: u64 = 600;
/// Not answered yet.
const NEVER: u64 = u64::MAX;

/// Two servers over one log: what the first one ends, the second one hears of when it asks.
struct Pair {
    log: Mutex<Vec<Subject>>,
    second: Memory,
    lease: Running,
    base: Instant,
    clock: AtomicU64,
    answered_at: AtomicU64,
}

impl Pair {
    fn new() -> Arc<Self> {
        let base = tokio::time::Instant::now().into_std();
        let pair = Self {
            log: Mutex::new(Vec::new()),
            second: Memory::new(100),
            lease: Running::new(Lease::AfterEachPoll(Duration::from_nanos(LEASE)), base),
            base,
            clock: AtomicU64::new(0),
            answered_at: AtomicU64::new(NEVER),
        };
        let standing =
            AccountStanding { status: AccountStatus::Active, epoch: Epoch::FIRST, plan: Plan::Free };
        let accounts = vec![AccountRecord { id: ACCOUNT, standing }];
        pair.second.keep(&Found { accounts, ..Found::default() }, &pair.second.note());
        pair.lease.extend(base);
        Arc::new(pair)
    }

    fn moment(&self) -> Instant {
        self.base + Duration::from_nanos(self.clock.load(Ordering::SeqCst))
    }

    /// One poll of the second server: it asks, it hears, and only then it trusts again.
    fn poll(&self) {
        let asked = self.moment();
        let heard = lock(&self.log).clone();
        heard.into_iter().for_each(|subject| self.second.end(subject));
        self.lease.extend(asked);
    }

    fn check(&self) {
        let began = self.clock.load(Ordering::SeqCst);
        let answered_at = self.answered_at.load(Ordering::SeqCst);
        let now = || self.base + Duration::from_nanos(began);
        if self.lease.is_current(now) && self.second.account(ACCOUNT).is_some() {
            let lapses = answered_at.saturating_add(LEASE);
            assert!(began < lapses, "good at {began}, though it was ended by {answered_at}");
        }
    }
}

#[test]
fn threat_d9_no_schedule_lets_another_server_trust_beyond_its_lease() {
    search(|| {
        let pair = Pair::new();
        let spawn = |work: fn(&Pair)| {
            let pair = Arc::clone(&pair);
            thread::spawn(move || work(&pair))
        };
        let threads = [
            spawn(|pair| {
                lock(&pair.log).push(Subject::Account(ACCOUNT));
                pair.answered_at.store(pair.clock.load(Ordering::SeqCst), Ordering::SeqCst);
            }),
            spawn(|pair| {
                for _ in 0..4 {
                    pair.clock.fetch_add(TICK, Ordering::SeqCst);
                }
            }),
            spawn(|pair| {
                pair.poll();
                pair.poll();
            }),
            spawn(|pair| {
                for _ in 0..3 {
                    pair.check();
                }
            }),
        ];
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        pair.check();
    });
}
