//! The contract of [`ExactLimiter`].

use std::net::Ipv4Addr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use keyward_domain::limits::{
    Attempt, Bucket, Decision, ExactLimiter, GuardKey, GuardPolicy, LimitName, LimitSubject, Network, Quota,
};
use keyward_domain::secret::Digest;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use super::Limiters;
use super::race::{RACERS, patiently, race, race_of};
use crate::builders::Samples;
use crate::entropy::mix;
use crate::limits::MemoryLimiter;

const POLICY: GuardPolicy = GuardPolicy::DEFAULT;

/// A crowd larger than any pool or queue.
const CROWD: usize = 1_000;

fn quota(limit: u32, seconds: u64) -> Quota {
    Quota::new(NonZeroU32::new(limit).unwrap(), Duration::from_secs(seconds))
}

fn bucket(number: u8) -> Bucket {
    let network = Network::of(Ipv4Addr::new(192, 0, 2, number).into());
    Bucket { limit: LimitName::PasswordChecks, subject: LimitSubject::Network(network) }
}

fn guard(number: u8) -> GuardKey {
    GuardKey(Digest::new([number; 32]))
}

async fn passes(limiter: &dyn ExactLimiter, bucket: Bucket, quota: Quota, now: Instant) -> bool {
    matches!(limiter.take(bucket, quota, now).await, Ok(Decision::Passed(_)))
}

/// Takes until nothing is left, and says how many that were.
async fn drain(limiter: &dyn ExactLimiter, bucket: Bucket, quota: Quota, now: Instant) -> usize {
    let mut taken = 0;
    while passes(limiter, bucket, quota, now).await {
        taken += 1;
    }
    taken
}

/// Attempts that are allowed, in a row.
async fn attempts(limiter: &dyn ExactLimiter, guard: GuardKey, number: u32, now: Instant) {
    for _ in 0..number {
        assert_eq!(limiter.attempt(guard, POLICY, now).await, Ok(Attempt::Allowed));
    }
}

const fn wait(seconds: u64) -> Result<Attempt, StoreError> {
    Ok(Attempt::Wait(Duration::from_secs(seconds)))
}

/// A bucket passes its full number at once, and then one by one.
pub async fn a_bucket_passes_its_number_at_once_and_then_refills(limiters: &Limiters) {
    let (samples, quota) = (Samples::new(), quota(5, 60));
    assert_eq!(drain(&*limiters.exact, bucket(1), quota, samples.at(0)).await, 5);
    assert_eq!(drain(&*limiters.exact, bucket(1), quota, samples.at(11)).await, 0);
    assert_eq!(drain(&*limiters.exact, bucket(1), quota, samples.at(12)).await, 1);
    assert_eq!(drain(&*limiters.exact, bucket(1), quota, samples.at(36)).await, 2);
    assert_eq!(drain(&*limiters.exact, bucket(1), quota, samples.at(1_000)).await, 5);
}

/// What a client is told comes with each decision, and a refusal takes nothing.
pub async fn a_refusal_takes_nothing_and_says_how_long_to_wait(limiters: &Limiters) {
    let (samples, quota) = (Samples::new(), quota(2, 60));
    let first = limiters.exact.take(bucket(1), quota, samples.at(0)).await.unwrap();
    assert_eq!((first.standing().remaining, first.standing().reset_at), (1, samples.at(30)));
    limiters.exact.take(bucket(1), quota, samples.at(0)).await.unwrap();
    for second in 0..30 {
        let refused = limiters.exact.take(bucket(1), quota, samples.at(second)).await.unwrap();
        let Decision::Refused(standing) = refused else { panic!("passed at {second}") };
        assert_eq!(standing.wait, Duration::from_secs(30 - second));
        assert_eq!(standing.reset_at, samples.at(30));
    }
    assert!(passes(&*limiters.exact, bucket(1), quota, samples.at(30)).await);
}

/// What is given back can be taken again, and a full bucket stays full.
pub async fn what_is_given_back_can_be_taken_again_and_no_more(limiters: &Limiters) {
    let (samples, quota) = (Samples::new(), quota(3, 60));
    limiters.exact.give_back(bucket(1), quota, samples.at(0)).await.unwrap();
    assert_eq!(drain(&*limiters.exact, bucket(1), quota, samples.at(0)).await, 3);
    for _ in 0..2 {
        limiters.exact.give_back(bucket(1), quota, samples.at(0)).await.unwrap();
    }
    assert_eq!(drain(&*limiters.exact, bucket(1), quota, samples.at(0)).await, 2);
    for _ in 0..9 {
        limiters.exact.give_back(bucket(1), quota, samples.at(0)).await.unwrap();
    }
    assert_eq!(drain(&*limiters.exact, bucket(1), quota, samples.at(0)).await, 3);
}

/// Of many at the same time exactly as many pass as there is room for.
pub async fn of_32_takers_exactly_as_many_pass_as_there_is_room_for(limiters: &Limiters) {
    let (samples, quota) = (Samples::new(), quota(5, 60));
    let results = race(|_| taker(limiters, quota, samples.at(0))).await;
    assert_eq!(results.into_iter().filter(|passed| *passed).count(), 5);
}

/// Of a crowd too.
pub async fn of_1000_takers_exactly_100_pass(limiters: &Limiters) {
    let (samples, quota) = (Samples::new(), quota(100, 3_600));
    let results = race_of(CROWD, |_| taker(limiters, quota, samples.at(0))).await;
    assert_eq!(results.into_iter().filter(|passed| *passed).count(), 100);
}

fn taker(limiters: &Limiters, quota: Quota, now: Instant) -> impl Future<Output = bool> + Send + use<> {
    let exact = limiters.exact.clone();
    async move {
        let taken = patiently(|| exact.take(bucket(1), quota, now)).await;
        matches!(taken.unwrap(), Decision::Passed(_))
    }
}

/// Many who take and give back at the same time leave the bucket as it was.
pub async fn of_32_who_give_back_nothing_is_lost(limiters: &Limiters) {
    let (samples, quota) = (Samples::new(), quota(50, 60));
    let now = samples.at(0);
    race(|_| {
        let (exact, taken) = (limiters.exact.clone(), taker(limiters, quota, now));
        async move {
            assert!(taken.await);
            patiently(|| exact.give_back(bucket(1), quota, now)).await.unwrap();
        }
    })
    .await;
    assert_eq!(drain(&*limiters.exact, bucket(1), quota, now).await, 50);
}

/// Ten attempts are free. Then each waits longer than the one before.
pub async fn threat_g2_each_failure_waits_longer_than_the_one_before(limiters: &Limiters) {
    let samples = Samples::new();
    attempts(&*limiters.exact, guard(1), 10, samples.at(0)).await;
    let mut now = 0;
    for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
        assert_eq!(limiters.exact.attempt(guard(1), POLICY, samples.at(now)).await, wait(seconds));
        now += seconds;
        attempts(&*limiters.exact, guard(1), 1, samples.at(now)).await;
    }
}

/// Attempts at the same time count like as many in a row.
pub async fn threat_g2_of_32_attempts_exactly_10_may_be_made(limiters: &Limiters) {
    let samples = Samples::new();
    let results = race(|_| {
        let (exact, now) = (limiters.exact.clone(), samples.at(0));
        async move { patiently(|| exact.attempt(guard(1), POLICY, now)).await }
    })
    .await;
    assert_eq!(results.iter().filter(|result| **result == Ok(Attempt::Allowed)).count(), 10);
    assert_eq!(results.iter().filter(|result| **result == wait(1)).count(), RACERS - 10);
}

/// A success forgets all failures; a guard that nothing is kept of can be forgiven too.
pub async fn a_success_forgives_all_failures(limiters: &Limiters) {
    let samples = Samples::new();
    limiters.exact.forgive(guard(1)).await.unwrap();
    for _ in 0..2 {
        attempts(&*limiters.exact, guard(1), 10, samples.at(0)).await;
        assert_eq!(limiters.exact.attempt(guard(1), POLICY, samples.at(0)).await, wait(1));
        limiters.exact.forgive(guard(1)).await.unwrap();
    }
    attempts(&*limiters.exact, guard(1), 10, samples.at(0)).await;
}

/// An attempt that came to no end is taken back, and no more than there were.
pub async fn an_attempt_without_an_end_is_taken_back(limiters: &Limiters) {
    let samples = Samples::new();
    limiters.exact.withdraw(guard(1)).await.unwrap();
    attempts(&*limiters.exact, guard(1), 10, samples.at(0)).await;
    for _ in 0..3 {
        limiters.exact.withdraw(guard(1)).await.unwrap();
    }
    attempts(&*limiters.exact, guard(1), 3, samples.at(0)).await;
    assert_eq!(limiters.exact.attempt(guard(1), POLICY, samples.at(0)).await, wait(1));
    for _ in 0..15 {
        limiters.exact.withdraw(guard(1)).await.unwrap();
    }
    attempts(&*limiters.exact, guard(1), 10, samples.at(0)).await;
    assert_eq!(limiters.exact.attempt(guard(1), POLICY, samples.at(0)).await, wait(1));
}

/// A day after the last attempt all is forgotten.
pub async fn failures_are_forgotten_after_a_day(limiters: &Limiters) {
    let samples = Samples::new();
    attempts(&*limiters.exact, guard(1), 10, samples.at(0)).await;
    attempts(&*limiters.exact, guard(1), 1, samples.at(86_399)).await;
    assert_eq!(limiters.exact.attempt(guard(1), POLICY, samples.at(86_399)).await, wait(2));
    attempts(&*limiters.exact, guard(1), 10, samples.at(2 * 86_400)).await;
}

/// A mark is known until its end, which can be put off.
pub async fn a_mark_is_remembered_until_its_end(limiters: &Limiters) {
    let (samples, mark) = (Samples::new(), Digest::new([9; 32]));
    assert_eq!(limiters.exact.remembers(mark, samples.at(0)).await, Ok(false));
    limiters.exact.remember(mark, samples.at(10)).await.unwrap();
    assert_eq!(limiters.exact.remembers(mark, samples.at(9)).await, Ok(true));
    assert_eq!(limiters.exact.remembers(mark, samples.at(10)).await, Ok(false));
    limiters.exact.remember(mark, samples.at(20)).await.unwrap();
    assert_eq!(limiters.exact.remembers(mark, samples.at(19)).await, Ok(true));
}

/// A clock that is stepped back holds nobody up for longer than it would have without.
pub async fn threat_d8_a_clock_that_is_stepped_back_holds_nobody_up_for_long(limiters: &Limiters) {
    let (samples, quota) = (Samples::new(), quota(3, 60));
    drain(&*limiters.exact, bucket(1), quota, samples.at(1_000_000)).await;
    attempts(&*limiters.exact, guard(1), 10, samples.at(1_000_000)).await;
    assert!(!passes(&*limiters.exact, bucket(1), quota, samples.at(0)).await);
    assert_eq!(limiters.exact.attempt(guard(1), POLICY, samples.at(0)).await, wait(1));
    assert!(!passes(&*limiters.exact, bucket(1), quota, samples.at(19)).await);
    assert!(passes(&*limiters.exact, bucket(1), quota, samples.at(20)).await);
    attempts(&*limiters.exact, guard(1), 1, samples.at(1)).await;
}

/// What happens to one bucket, guard or mark touches no other.
pub async fn threat_k11_a_change_touches_one_counter(limiters: &Limiters) {
    let (samples, quota, exact) = (Samples::new(), quota(5, 60), &*limiters.exact);
    let now = samples.at(0);
    let other = Bucket { limit: LimitName::NewAccounts, ..bucket(1) };
    for each in [bucket(1), bucket(2), other] {
        assert!(passes(exact, each, quota, now).await);
    }
    for each in [1, 2] {
        attempts(exact, guard(each), 5, now).await;
        exact.remember(Digest::new([100 + each; 32]), samples.at(10)).await.unwrap();
    }
    drain(exact, bucket(1), quota, now).await;
    exact.give_back(bucket(1), quota, now).await.unwrap();
    exact.withdraw(guard(1)).await.unwrap();
    exact.forgive(guard(1)).await.unwrap();
    exact.remember(Digest::new([101; 32]), now).await.unwrap();
    for each in [bucket(2), other] {
        assert_eq!(drain(exact, each, quota, now).await, 4);
    }
    attempts(exact, guard(2), 5, now).await;
    assert_eq!(exact.attempt(guard(2), POLICY, now).await, wait(1));
    assert_eq!(exact.remembers(Digest::new([102; 32]), now).await, Ok(true));
}

/// A restart resets nothing, and brings nothing back.
pub async fn a_restart_keeps_what_was_counted(limiters: &Limiters) {
    let (samples, quota) = (Samples::new(), quota(5, 60));
    let (now, mark) = (samples.at(0), Digest::new([9; 32]));
    for each in [1, 2] {
        assert_eq!(drain(&*limiters.exact, bucket(each), quota, now).await, 5);
        attempts(&*limiters.exact, guard(each), 10, now).await;
    }
    limiters.exact.remember(mark, samples.at(10)).await.unwrap();
    let again = limiters.reopened(now).await;
    limiters.exact.forgive(guard(2)).await.unwrap();
    for _ in 0..5 {
        limiters.exact.give_back(bucket(2), quota, now).await.unwrap();
    }
    assert_eq!(drain(&*again, bucket(1), quota, now).await, 0);
    assert_eq!(again.attempt(guard(1), POLICY, now).await, wait(1));
    assert_eq!(again.remembers(mark, now).await, Ok(true));
    let again = limiters.reopened(now).await;
    assert_eq!(drain(&*again, bucket(2), quota, now).await, 5);
    attempts(&*again, guard(2), 10, now).await;
}

/// Whatever is asked in whatever order and at whatever time, the answers are those of the arithmetic, to the microsecond.
pub async fn decisions_are_those_of_the_arithmetic(limiters: &Limiters) {
    let (exact, arithmetic) = (&*limiters.exact, Arc::new(MemoryLimiter::new()));
    let quotas = [quota(3, 60), quota(7, 10), quota(1, 1), quota(600, 60)];
    let policies = [
        POLICY,
        GuardPolicy { free_failures: 2, first_delay: Duration::from_micros(1_500_001), ..POLICY },
        GuardPolicy { free_failures: 0, forgotten_after: Duration::from_secs(30), ..POLICY },
    ];
    let mut now = Samples::new().at(0);
    for step in 0..600_u64 {
        let random = mix(step);
        let micros = Duration::from_micros(mix(random) % 9_000_001);
        now = match random % 40 {
            0 => now.saturating_sub(micros * 100),
            1 => now.saturating_add(micros * 100),
            2..6 => now.saturating_sub(micros / 5),
            6..20 => now,
            _ => now.saturating_add(micros / 7),
        };
        let which = (random >> 8) as usize;
        let (quota, policy) = (quotas[which % quotas.len()], policies[which % policies.len()]);
        let (bucket, guard) = (bucket((which % quotas.len()) as u8), guard((which % policies.len()) as u8));
        match (random >> 40) % 10 {
            0..5 => {
                let expected = arithmetic.take(bucket, quota, now).await;
                assert_eq!(exact.take(bucket, quota, now).await, expected, "step {step}");
            }
            5 => {
                arithmetic.give_back(bucket, quota, now).await.unwrap();
                exact.give_back(bucket, quota, now).await.unwrap();
            }
            6 if random & 0x70 == 0 => {
                arithmetic.forgive(guard).await.unwrap();
                exact.forgive(guard).await.unwrap();
            }
            6 => {
                arithmetic.withdraw(guard).await.unwrap();
                exact.withdraw(guard).await.unwrap();
            }
            _ => {
                let expected = arithmetic.attempt(guard, policy, now).await;
                assert_eq!(exact.attempt(guard, policy, now).await, expected, "step {step}");
            }
        }
    }
}
