//! Several servers and one Redis between them, while the clock stands still or is moved by hand.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use keyward_domain::limits::{
    Bucket, Decision, LimitName, LimitSubject, Network, Quota, TrafficExchange, TrafficLimiter,
};
use keyward_domain::secret::Secret;
use keyward_domain::time::{Clock, Instant};
use keyward_limits::{RedisExchange, TrafficMemory};
use keyward_testkit::chaos::ChaosProxy;
use keyward_testkit::clock::FakeClock;
use keyward_testkit::macs::FakeMac;
use keyward_testkit::redis;

/// How often servers exchange what they took.
const EXCHANGE: Duration = Duration::from_millis(100);

struct Node {
    traffic: Arc<TrafficMemory>,
    exchange: RedisExchange,
}

/// Names that no other test has: in the same Redis they are other buckets.
fn names() -> u64 {
    static TESTS: AtomicU64 = AtomicU64::new(0);
    (u64::from(std::process::id()) << 32) + TESTS.fetch_add(1, Ordering::SeqCst)
}

impl Node {
    fn at(address: SocketAddr, names: u64) -> Self {
        let traffic = Arc::new(TrafficMemory::new(10_000));
        let url = Secret::new(format!("redis://{address}"));
        let exchange = RedisExchange::new(traffic.clone(), Arc::new(FakeMac::new(names)), &url).unwrap();
        Self { traffic, exchange }
    }

    fn passes(&self, bucket: Bucket, quota: Quota, now: Instant) -> bool {
        matches!(self.traffic.take(bucket, quota, now), Decision::Passed(_))
    }

    fn remaining(&self, bucket: Bucket, quota: Quota, now: Instant) -> u32 {
        self.traffic.peek(bucket, quota, now).standing().remaining
    }
}

fn three() -> [Node; 3] {
    let names = names();
    [(); 3].map(|()| Node::at(redis::address(), names))
}

fn quota(limit: u32, seconds: u64) -> Quota {
    Quota::new(NonZeroU32::new(limit).unwrap(), Duration::from_secs(seconds))
}

fn bucket(number: u32) -> Bucket {
    let network = Network::of(Ipv4Addr::from(number).into());
    Bucket { limit: LimitName::TradereadyGeneral, subject: LimitSubject::Network(network) }
}

/// What passes at three servers with requests spread over some windows, what passes at one with all of them, and how
/// far ahead the three were at the most.
async fn overshoot(quota: Quota, requests_per_tick: u32, ticks: u32) -> (usize, usize, usize) {
    let (nodes, alone, clock) = (three(), TrafficMemory::new(10_000), FakeClock::new());
    let (mut passed, mut right, mut ahead) = (0_usize, 0, 0);
    for tick in 0..ticks {
        for request in 0..requests_per_tick {
            let node = &nodes[((tick + request) % 3) as usize];
            passed += usize::from(node.passes(bucket(1), quota, clock.now()));
            right += usize::from(matches!(alone.take(bucket(1), quota, clock.now()), Decision::Passed(_)));
            ahead = ahead.max(passed.saturating_sub(right));
            clock.advance(EXCHANGE / requests_per_tick);
        }
        for node in &nodes {
            node.exchange.exchange(clock.now()).await.unwrap();
        }
    }
    (passed, right, ahead)
}

#[tokio::test]
async fn three_servers_pass_little_more_than_one_would() {
    for (limit, requests_per_tick) in [(600, 4), (600, 6), (600, 30), (100, 3), (6_000, 60)] {
        let (passed, right, ahead) = overshoot(quota(limit, 60), requests_per_tick, 1_200).await;
        let rate = requests_per_tick * 10;
        println!("limit {limit}, {rate} requests/s: {passed} instead of {right}, {ahead} ahead at the most");
        assert!(passed >= right * 95 / 100, "{passed} instead of {right}");
        assert!(passed * 100 <= right * 105, "{passed} instead of {right}");
        assert!(ahead * 100 <= limit as usize * 5, "{ahead} ahead of {limit}");
    }
}

#[tokio::test]
async fn what_is_taken_at_one_server_is_gone_at_the_others() {
    let (nodes, now, quota) = (three(), FakeClock::new().now(), quota(10, 60));
    for node in &nodes {
        assert!(node.passes(bucket(1), quota, now));
        assert!(node.passes(bucket(2), quota, now));
        assert!(node.passes(bucket(2), quota, now));
    }
    for _ in 0..2 {
        for node in &nodes {
            node.exchange.exchange(now).await.unwrap();
        }
        // One more at each, so that each hears again.
        nodes.iter().for_each(|node| assert!(node.passes(bucket(1), quota, now)));
    }
    for node in &nodes {
        node.exchange.exchange(now).await.unwrap();
    }
    assert_eq!(nodes[2].remaining(bucket(1), quota, now), 1);
    assert_eq!(nodes[2].remaining(bucket(2), quota, now), 4);
}

#[tokio::test]
async fn what_was_overrun_is_owed() {
    let (nodes, clock, quota) = (three(), FakeClock::new(), quota(10, 60));
    // All at once, before anybody hears of anybody: three times the number.
    for node in &nodes {
        (0..10).for_each(|_| assert!(node.passes(bucket(1), quota, clock.now())));
        node.exchange.exchange(clock.now()).await.unwrap();
    }
    clock.advance(Duration::from_secs(59));
    assert!(!nodes[2].passes(bucket(1), quota, clock.now()));
    clock.advance(Duration::from_secs(7));
    assert!(nodes[2].passes(bucket(1), quota, clock.now()), "and no longer than one period");
}

#[tokio::test]
async fn many_buckets_are_exchanged_in_parts() {
    let (nodes, now, quota) = (three(), FakeClock::new().now(), quota(10, 60));
    for number in 0..3_000 {
        nodes[0].passes(bucket(number), quota, now);
        nodes[1].passes(bucket(number), quota, now);
    }
    nodes[0].exchange.exchange(now).await.unwrap();
    nodes[1].exchange.exchange(now).await.unwrap();
    assert!((0..3_000).all(|number| nodes[1].remaining(bucket(number), quota, now) == 8));
}

#[tokio::test]
async fn threat_d8_a_clock_that_is_stepped_back_is_forgotten_in_redis_too() {
    let (nodes, clock, quota) = (three(), FakeClock::new(), quota(10, 60));
    let now = clock.now();
    clock.advance(Duration::from_secs(1_000_000));
    (0..10).for_each(|_| assert!(nodes[0].passes(bucket(1), quota, clock.now())));
    nodes[0].exchange.exchange(clock.now()).await.unwrap();
    clock.set(now);
    assert!(nodes[1].passes(bucket(1), quota, clock.now()));
    nodes[1].exchange.exchange(clock.now()).await.unwrap();
    clock.advance(Duration::from_secs(13));
    assert!(nodes[1].passes(bucket(1), quota, clock.now()));
}

#[tokio::test]
async fn threat_d5_without_redis_each_server_counts_by_itself_and_it_goes_on_by_itself() {
    let proxy = ChaosProxy::start(redis::address());
    let (names, clock, quota) = (names(), FakeClock::new(), quota(10, 60));
    let (here, there) = (Node::at(proxy.address(), names), Node::at(redis::address(), names));
    here.exchange.exchange(clock.now()).await.unwrap();
    proxy.down();
    for _ in 0..3 {
        assert!(here.passes(bucket(1), quota, clock.now()));
        let told = here.exchange.exchange(clock.now()).await.unwrap_err();
        assert!(told.to_string().starts_with("Redis: "), "{told}");
    }
    assert_eq!(here.remaining(bucket(1), quota, clock.now()), 7);
    proxy.forward();
    assert!(here.passes(bucket(1), quota, clock.now()));
    here.exchange.exchange(clock.now()).await.unwrap();
    assert!(there.passes(bucket(1), quota, clock.now()));
    there.exchange.exchange(clock.now()).await.unwrap();
    // One from either side: what was not told in time is not told at all.
    assert_eq!(there.remaining(bucket(1), quota, clock.now()), 8);
    assert_eq!(here.remaining(bucket(1), quota, clock.now()), 6);
}

#[tokio::test]
async fn threat_d5_a_redis_that_does_not_answer_is_given_up_in_time() {
    let proxy = ChaosProxy::start(redis::address());
    let (node, now) = (Node::at(proxy.address(), names()), FakeClock::new().now());
    node.exchange.exchange(now).await.unwrap();
    proxy.freeze();
    assert!(node.passes(bucket(1), quota(10, 60), now));
    let told = tokio::time::timeout(Duration::from_secs(5), node.exchange.exchange(now)).await;
    assert!(matches!(told, Ok(Err(_))), "{told:?}");
    proxy.forward();
    assert!(node.passes(bucket(1), quota(10, 60), now));
    assert_eq!(node.exchange.exchange(now).await, Ok(()));
}
