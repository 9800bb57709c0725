//! Admin keys.

use keyward_crypto::{AdminKeys, SharedAdminKey};
use keyward_domain::admin::{AdminAuthenticator, AdminName};
use keyward_domain::secret::Secret;

const FIRST: &str = "the-first-key-of-at-least-32-characters";
const SECOND: &str = "the-other-key-of-at-least-32-characters";

fn name(text: &str) -> AdminName {
    AdminName::parse(text).unwrap()
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn keys() -> AdminKeys {
    let first = AdminKeys::default().with(AdminName::first(), &secret(FIRST)).unwrap();
    first.with(name("jane"), &secret(SECOND)).unwrap()
}

#[test]
fn threat_p4_each_admin_is_known_by_their_own_key() {
    assert_eq!(keys().authenticate(FIRST), Some(name("admin")));
    assert_eq!(keys().authenticate(SECOND), Some(name("jane")));
}

#[test]
fn threat_p4_nothing_but_a_whole_key_names_an_admin() {
    let long = FIRST.repeat(100);
    for text in ["", " ", &FIRST[1..], &FIRST[..31], &format!("{FIRST} "), &FIRST.to_uppercase(), &long] {
        assert_eq!(keys().authenticate(text), None, "{text:?}");
    }
    assert_eq!(AdminKeys::default().authenticate(""), None);
}

#[test]
fn threat_p4_two_admins_cannot_share_a_key() {
    let shared = keys().with(name("john"), &secret(SECOND));
    assert_eq!(shared.unwrap_err(), SharedAdminKey(name("jane")));
}

#[test]
fn threat_k1_admin_keys_print_nothing() {
    assert!(!format!("{:?}", keys()).contains("key-of"));
}
