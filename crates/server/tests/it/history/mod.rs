//! Revocations while clients ask: no check that begins after the answer of a revocation succeeds.
//!
//! Thirty-two clients show keys and tokens without a pause, on the real store, cache and signer, while every kind of
//! deed ends their subjects. `KEYWARD_HISTORY_DEEDS` says how many deeds of each kind; `cargo xtask history` asks for
//! ten thousand.

mod clients;
mod deeds;
mod world;

use self::deeds::Kind;
use self::world::World;

/// How many deeds of each kind.
#[allow(clippy::disallowed_methods, reason = "the full number is asked for from outside")]
fn deeds() -> usize {
    let asked = std::env::var("KEYWARD_HISTORY_DEEDS").ok();
    asked.map_or(1_000, |text| text.parse().expect("KEYWARD_HISTORY_DEEDS is a number"))
}

fn tell(world: impl FnOnce() -> World) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        let world = world();
        for &kind in Kind::ALL {
            let history = clients::run(&world, kind, deeds()).await;
            println!("{kind:?}: {history}");
            assert_eq!(history.deeds, deeds(), "{kind:?}");
            assert!(history.good > 0 && history.refused > 0, "{kind:?}: the clients saw both: {history}");
            assert_eq!(history.violations, 0, "{kind:?}: good, though ended before it was asked: {history}");
        }
        world.close();
    });
}

#[test]
fn threat_j10_no_check_succeeds_that_began_after_a_revocation_s_answer_on_sqlite() {
    tell(World::on_sqlite);
}

#[test]
fn threat_j10_no_check_succeeds_that_began_after_a_revocation_s_answer_on_postgres() {
    tell(World::on_postgres);
}
