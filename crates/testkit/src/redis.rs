//! The scratch Redis that `cargo xtask test` starts. Tests share it, and keep apart by names of their own.

use std::net::SocketAddr;

/// Where it listens. Panics, with what to do about it, when there is none: a test that is skipped proves nothing.
#[allow(clippy::disallowed_methods, reason = "the server's address can only come from the environment")]
pub fn address() -> SocketAddr {
    let url = std::env::var("KEYWARD_TEST_REDIS_URL")
        .expect("KEYWARD_TEST_REDIS_URL is not set: run the tests with `cargo xtask test`");
    url.strip_prefix("redis://").expect("a URL").parse().expect("an address")
}
