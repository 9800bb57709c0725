//! `sabotage`: builds deliberate mistakes and demands that the tests catch them. A test that stays green beside the
//! mistake it is there for proves nothing.

use anyhow::{Result, ensure};

use crate::{db, env, sh};

/// A mistake, and the tests that must be red with it.
struct Mistake {
    /// The feature that builds it, as `cargo test` takes it.
    feature: &'static str,
    package: &'static str,
    /// Which test binary, and the part of the names of its tests.
    target: &'static [&'static str],
    tests: &'static str,
    /// Whether it takes so long to build that CI leaves it to the nightly run.
    is_slow: bool,
}

const MISTAKES: &[Mistake] = &[
    Mistake {
        feature: "keyward-cache/sabotage-async-invalidation",
        package: "keyward-cache",
        target: &["--lib"],
        tests: "outlive_the_answer_of_a_suspension",
        is_slow: false,
    },
    Mistake {
        feature: "keyward-cache/sabotage-async-invalidation",
        package: "keyward-cache",
        target: &["--test", "it"],
        tests: "threat_j10_what_has_ended_is_refused_by_the_next_check",
        is_slow: false,
    },
    Mistake {
        feature: "keyward-cache/sabotage-no-lease",
        package: "keyward-cache",
        target: &["--lib"],
        tests: "trust_beyond_its_lease",
        is_slow: false,
    },
    Mistake {
        feature: "keyward-cache/sabotage-no-lease",
        package: "keyward-cache",
        target: &["--test", "it"],
        tests: "threat_d9_a_lease_that_lapses",
        is_slow: false,
    },
    Mistake {
        feature: "keyward-cache/sabotage-no-lease",
        package: "keyward-server",
        target: &["--test", "it"],
        tests: "threat_d9_with_a_frozen_database",
        is_slow: true,
    },
    Mistake {
        feature: "keyward-jwt/sabotage-accept-alg-none",
        package: "keyward-jwt",
        target: &["--test", "it"],
        tests: "threat_j1_alg_none_is_refused",
        is_slow: false,
    },
    Mistake {
        feature: "keyward-testkit/sabotage-accept-alg-none",
        package: "keyward-http",
        target: &["--test", "it"],
        tests: "threat_j1_to_j12_no_forged",
        is_slow: true,
    },
    Mistake {
        feature: "keyward-storage/sabotage-any-key-rotates",
        package: "keyward-storage",
        target: &["--test", "it"],
        tests: "threat_k5_of_32_rotations_exactly_one_succeeds",
        is_slow: true,
    },
    Mistake {
        feature: "keyward-storage/sabotage-no-idempotency-record",
        package: "keyward-storage",
        target: &["--test", "it"],
        tests: "threat_k6_of_32_equal_requests_exactly_one_is_done",
        is_slow: true,
    },
    Mistake {
        feature: "keyward-storage/sabotage-plain-sequence",
        package: "keyward-storage",
        target: &["--test", "it"],
        tests: "threat_d9_a_revocation_that_commits_behind_a_later_one",
        is_slow: true,
    },
    Mistake {
        feature: "keyward-cache/sabotage-async-invalidation",
        package: "keyward-server",
        target: &["--test", "it"],
        tests: "threat_j10_no_check_succeeds_that_began_after",
        is_slow: true,
    },
    Mistake {
        feature: "keyward-http/sabotage-leak-debug",
        package: "keyward-server",
        target: &["--test", "it"],
        tests: "threat_k1_no_secret_is_found",
        is_slow: true,
    },
];

/// Builds each mistake and runs the tests that are there for it: all of them must fail. With `full` the slow ones too.
pub(crate) fn run(full: bool) -> Result<()> {
    let postgres = db::Scratch::start()?;
    for mistake in MISTAKES.iter().filter(|mistake| full || !mistake.is_slow) {
        let cargo = || {
            let mut cargo = sh::cargo();
            cargo.args(["test", "--locked", "--package", mistake.package]).args(mistake.target);
            cargo.args(["--features", mistake.feature]);
            cargo.env(env::TEST_POSTGRES_URL, postgres.url()).env("KEYWARD_HISTORY_DEEDS", "50");
            cargo
        };
        sh::run(cargo().arg("--no-run"))?;
        let ran = cargo().args(["--", mistake.tests]).output()?;
        let said = String::from_utf8_lossy(&ran.stdout);
        ensure!(
            said.contains("test result: FAILED. 0 passed;"),
            "{} stays unnoticed by {}: {said}",
            mistake.feature,
            mistake.tests
        );
        println!("caught: {} by {}", mistake.feature, mistake.tests);
    }
    none_in_a_release()
}

/// The binary is built with none of them.
fn none_in_a_release() -> Result<()> {
    let features = sh::output(sh::cargo().args(["tree", "--locked", "--package", "keyward-server"]).args([
        "--edges",
        "normal,build,features",
        "--prefix",
        "none",
        "--format",
        "{p} {f}",
    ]))?;
    ensure!(!features.contains("sabotage"), "the server is built with a deliberate mistake");
    println!("sabotage: none of it in a release");
    Ok(())
}
