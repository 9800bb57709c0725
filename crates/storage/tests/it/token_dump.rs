//! A copy of the database, shown back: no value in it is a token.

use std::sync::Arc;

use keyward_domain::mail::TypedIdentity;
use keyward_domain::single_use::SingleUseTokenRefused;
use keyward_domain::{Domain, Ports};
use keyward_testkit::domain::{TestDomain, alpha_bot};
use keyward_testkit::mail::mailed_token;
use keyward_testkit::postgres::PostgresDatabase;

use crate::databases::{SqliteFolder, open, url_of};
use crate::erasure::{postgres_cells, sqlite_cells};

/// The same bytes in base64url without padding.
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let digits = bits.chunks(6).map(|six| (0..6).fold(0, |all, bit| all << 1 | six.get(bit).unwrap_or(&0)));
    digits.map(|digit| char::from(ALPHABET[usize::from(digit)])).collect()
}

/// The bytes that a text spells in hexadecimal digits.
fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.strip_prefix("\\x").unwrap_or(hex).as_bytes();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(pair).collect()
}

#[tokio::test]
async fn threat_k3_no_stored_value_is_a_single_use_token() {
    let (folder, database) = (SqliteFolder::new(), PostgresDatabase::create());
    let stores = [folder.open(), open(&url_of(&database))];
    let mut asked = 0;
    for (number, store) in stores.iter().enumerate() {
        let (test, store) = (TestDomain::new(), Arc::new(store.clone()));
        let mut ports = test.ports();
        (ports.mail.outbox, ports.mail.tokens) = (store.clone(), store.clone());
        let domain = Domain::new(Ports { accounts: store.clone(), audit: store.clone(), ..ports });
        let context = test.context();
        domain.accounts.register(alpha_bot(), &context).await.unwrap();
        domain.mail.request_reset(&TypedIdentity::parse("alpha@example.com").unwrap(), None).await.unwrap();
        for entry in domain.mail.claim(10).await.unwrap() {
            domain.mail.deliver(&entry).await.unwrap();
        }
        let cells = if number == 0 { sqlite_cells(&folder) } else { postgres_cells(&database) };
        let values = cells.lines().filter_map(|line| line.split_once(": ")).map(|(_, value)| value);
        for value in values.filter(|value| !value.is_empty()) {
            let bytes = bytes_of(value).unwrap_or_default();
            for shown in [value.to_owned(), base64url(&bytes), base64url(value.as_bytes())] {
                let tokens = &domain.single_use_tokens;
                let unknown = SingleUseTokenRefused::Unknown;
                let chosen = "another-fine-password";
                assert_eq!(tokens.verify_address(&shown, &context).await, Err(unknown.into()), "{shown}");
                assert_eq!(
                    tokens.reset_password(&shown, chosen, &context).await,
                    Err(unknown.into()),
                    "{shown}"
                );
                asked += 1;
            }
        }
        for mail in test.mailer.take() {
            let token = mailed_token(&mail);
            assert!(!cells.contains(&token.to_lowercase()), "the text of a token is stored");
            let is_good = domain.single_use_tokens.verify_address(&token, &context).await.is_ok()
                || domain
                    .single_use_tokens
                    .reset_password(&token, "another-fine-password", &context)
                    .await
                    .is_ok();
            assert!(is_good, "the test shows what it shows as it should");
        }
    }
    assert!(asked > 200, "{asked}");
}
