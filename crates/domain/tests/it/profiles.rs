//! An account as its owner sees it.

use keyward_domain::accounts::{EmailAddress, Password};
use keyward_domain::keys::{KeyState, RevocationReason};
use keyward_domain::time::Clock;
use keyward_testkit::domain::{ALPHA_PASSWORD, TestDomain, alpha_bot, one_hour};

#[tokio::test]
async fn a_profile_shows_the_account_with_the_key_that_was_shown() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let (_, agent_key) = registered.agent.as_ref().unwrap();
    for issued in [&registered.key.issued, agent_key] {
        let principal = test.domain.keys.authenticate(issued.text.expose()).await.unwrap();
        let profile = test.domain.accounts.profile(&principal).await.unwrap().unwrap();
        assert_eq!(profile.account, registered.account);
        assert_eq!(profile.key.as_ref(), Some(&issued.key));
    }
}

#[tokio::test]
async fn a_profile_after_a_password_login_shows_the_account_s_own_key_while_it_is_good() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let address = EmailAddress::parse("alpha@example.com").unwrap();
    let password = Password::parse(ALPHA_PASSWORD).unwrap();
    let (profile, context) = (one_hour(), test.context());
    let login = test.domain.tokens.log_in_with_password(&address, &password, &profile, &context);
    let token = login.await.unwrap().token;
    let principal = test.domain.tokens.authenticate(token.text.expose()).await.unwrap();
    let key = &registered.key.issued.key;

    let profile = test.domain.accounts.profile(&principal).await.unwrap().unwrap();
    assert_eq!(profile.key.as_ref(), Some(key));

    let at = test.clock.now();
    test.store
        .edit_key(key.id, |key| key.state = KeyState::Revoked { at, reason: RevocationReason::Requested });
    let profile = test.domain.accounts.profile(&principal).await.unwrap().unwrap();
    assert_eq!((profile.account, profile.key), (registered.account, None));
}

#[tokio::test]
async fn an_account_that_is_gone_has_no_profile() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let principal = test.domain.keys.authenticate(registered.key.issued.text.expose()).await.unwrap();
    test.store.lose_account(registered.account.id);
    assert!(test.domain.accounts.profile(&principal).await.unwrap().is_none());
}
