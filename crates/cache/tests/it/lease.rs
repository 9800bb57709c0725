//! Beside other servers, what is remembered is trusted for a second after the last poll that brought everything.

use std::time::Duration;

use keyward_domain::keys::AuthenticateKeyError;
use keyward_domain::revocations::RevocationListener;
use keyward_domain::store::StoreError;
use keyward_domain::tokens::{AuthenticateTokenError, TokenRejected};
use tokio::time::{Instant, advance};

use crate::fixture::{ONE_SECOND, Remembering};

fn outage() -> StoreError {
    StoreError::Unavailable("it is not known what other servers have ended".to_owned())
}

fn caught_up(world: &Remembering) {
    world.cache.caught_up(Instant::now().into_std());
}

#[tokio::test(start_paused = true)]
async fn threat_d9_nothing_is_trusted_before_the_first_poll() {
    let world = Remembering::new(ONE_SECOND);
    let alpha = world.test.register(keyward_testkit::domain::alpha_bot()).await;
    let key = alpha.key.issued.text.expose();
    let began = Instant::now();
    assert_eq!(world.domain.keys.authenticate(key).await, Err(AuthenticateKeyError::Store(outage())));
    assert_eq!(began.elapsed(), Duration::from_millis(250));
    assert_eq!(world.test.store.calls("CredentialSource::read"), 0, "none reads past the lease");
    caught_up(&world);
    assert!(world.domain.keys.authenticate(key).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn threat_d9_a_lease_that_lapses_is_an_outage_and_no_verdict() {
    let world = Remembering::new(ONE_SECOND);
    caught_up(&world);
    let (_, key, token) = world.alpha().await;
    advance(Duration::from_millis(999)).await;
    assert!(world.domain.keys.authenticate(&key).await.is_ok());
    advance(Duration::from_millis(1)).await;
    assert_eq!(world.domain.keys.authenticate(&key).await, Err(AuthenticateKeyError::Store(outage())));
    assert_eq!(world.domain.tokens.authenticate(&token).await, Err(AuthenticateTokenError::Store(outage())));
    assert_eq!(
        world.domain.keys.authenticate("ak_live_garbage").await,
        Err(AuthenticateKeyError::UnknownKey),
        "garbage needs nobody's word"
    );
    caught_up(&world);
    assert!(world.domain.keys.authenticate(&key).await.is_ok());
    assert!(world.domain.tokens.authenticate(&token).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn threat_d9_a_lease_counts_from_when_the_poll_was_sent() {
    let world = Remembering::new(ONE_SECOND);
    let asked = Instant::now();
    advance(Duration::from_millis(1_000)).await;
    world.cache.caught_up(asked.into_std());
    let alpha = world.test.register(keyward_testkit::domain::alpha_bot()).await;
    let key = alpha.key.issued.text.expose();
    assert_eq!(world.domain.keys.authenticate(key).await, Err(AuthenticateKeyError::Store(outage())));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_lapsed_lease_goes_on_with_the_next_poll() {
    let world = Remembering::new(ONE_SECOND);
    caught_up(&world);
    let (_, key, _) = world.alpha().await;
    advance(Duration::from_secs(2)).await;
    let (domain, shown) = (world.domain.clone(), key.clone());
    let waiting = tokio::spawn(async move { domain.keys.authenticate(&shown).await });
    advance(Duration::from_millis(200)).await;
    caught_up(&world);
    assert!(waiting.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn threat_j14_a_token_by_a_key_that_is_not_known_yet_is_an_outage_while_the_server_is_behind() {
    let world = Remembering::new(ONE_SECOND);
    world.test.tokens.reject("by a new key", TokenRejected::UnknownSigningKey);
    let shown = world.domain.tokens.authenticate("by a new key");
    assert_eq!(shown.await, Err(AuthenticateTokenError::Store(outage())));
    caught_up(&world);
    let shown = world.domain.tokens.authenticate("by a new key");
    assert_eq!(
        shown.await,
        Err(AuthenticateTokenError::Store(outage())),
        "the last poll came before the token"
    );
    let domain = world.domain.clone();
    let shown = tokio::spawn(async move { domain.tokens.authenticate("by a new key").await });
    tokio::task::yield_now().await;
    advance(Duration::from_millis(100)).await;
    caught_up(&world);
    assert_eq!(
        shown.await.unwrap(),
        Err(TokenRejected::UnknownSigningKey.into()),
        "now it is known to be nobody's"
    );
}
