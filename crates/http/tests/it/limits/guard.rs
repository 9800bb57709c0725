//! The guard of an identity, as those see it who try its password.

use std::time::Duration;

use keyward_testkit::app::{Answer, Database, TestApp};
use serde_json::json;

use super::client::{USER_LOGIN, get, left, number, post, register};

const PASSWORD: &str = "my-secure-password";

async fn log_in(app: &TestApp, address: &str, email: &str, password: &str) -> Answer {
    post(app, address, USER_LOGIN, &json!({"email": email, "password": password})).await
}

/// Fails often enough to be held up, each time from somewhere else.
async fn attack(app: &TestApp, email: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    for number in 0..12 {
        answers.push(log_in(app, &format!("10.0.0.{number}"), email, "not-the-password").await);
    }
    answers
}

#[actix_web::test]
async fn threat_e3_a_known_and_an_unknown_identity_are_held_up_alike_to_the_byte() {
    for database in Database::BOTH {
        let app = TestApp::with_limits(database, "").await;
        register(&app, "192.0.2.1", "Alpha", Some(PASSWORD)).await;
        let known = attack(&app, "alpha@example.com").await;
        let unknown = attack(&app, "nobody@example.com").await;
        let bare =
            |answers: &[Answer]| -> Vec<Answer> { answers.iter().map(Answer::without_request_id).collect() };
        // The second attack comes from the networks of the first, so their own limits show one less.
        let mut networks = bare(&known);
        for answer in &mut networks {
            let remaining =
                answer.headers.iter_mut().find(|(name, _)| name == "x-ratelimit-remaining").unwrap();
            if answer.status == 401 {
                remaining.1 = (remaining.1.parse::<u32>().unwrap() - 1).to_string();
                let reset = answer.headers.iter_mut().find(|(name, _)| name == "x-ratelimit-reset").unwrap();
                reset.1 = (reset.1.parse::<u64>().unwrap() + 12).to_string();
            }
        }
        assert_eq!(networks, bare(&unknown));
        let statuses: Vec<u16> = known.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [vec![401; 10], vec![429; 2]].concat());
        let held_up = &known[11];
        assert_eq!((left(held_up), held_up.header("retry-after")), ((10, 0), Some("1")));
    }
}

#[actix_web::test]
async fn threat_e3_failures_at_one_dialect_hold_an_identity_up_at_another_known_or_not() {
    let app = TestApp::with_limits(Database::Sqlite, "").await;
    register(&app, "192.0.2.1", "Alpha", Some(PASSWORD)).await;
    let mut told = Vec::new();
    for (block, email) in ["alpha@example.com", "nobody@example.com"].into_iter().enumerate() {
        let mut answers = Vec::new();
        for number in 0..12 {
            let path = if number % 2 == 0 { USER_LOGIN } else { "/trucore/auth/login" };
            let body = json!({"email": email, "password": "not-the-password"});
            let answer = post(&app, &format!("10.0.{block}.{number}"), path, &body).await;
            answers.push(answer.without_request_id());
        }
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [vec![401; 10], vec![429; 2]].concat(), "{email}");
        told.push(answers);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0][11].json()["error"]["code"], "rate_limit_exceeded");
}

#[actix_web::test]
async fn threat_g2_each_failure_beyond_the_tenth_doubles_the_wait() {
    let app = TestApp::with_limits(Database::Sqlite, "").await;
    attack(&app, "alpha@example.com").await;
    for (round, wait) in [1, 2, 4, 8].into_iter().enumerate() {
        let address = format!("10.1.{round}.1");
        let refused = log_in(&app, &address, "alpha@example.com", "not-the-password").await;
        assert_eq!((refused.status, number(&refused, "retry-after")), (429, wait));
        app.clock().advance(Duration::from_secs(wait));
        assert_eq!(log_in(&app, &address, "alpha@example.com", "not-the-password").await.status, 401);
    }
}

#[actix_web::test]
async fn threat_g3_the_owner_logs_in_from_a_known_network_while_others_try() {
    for database in Database::BOTH {
        let app = TestApp::with_limits(database, "").await;
        let alpha = register(&app, "192.0.2.1", "Alpha", Some(PASSWORD)).await;
        let home = "2001:db8:1:2::1";
        let token = log_in(&app, home, &alpha.email, PASSWORD).await.text("/token");
        attack(&app, &alpha.email).await;
        let elsewhere = log_in(&app, "198.51.100.1", &alpha.email, PASSWORD).await;
        assert_eq!(elsewhere.status, 429, "whoever comes from nowhere known waits");
        let neighbour = "2001:db8:1:2:ffff::9";
        for address in [home, neighbour] {
            assert_eq!(log_in(&app, address, &alpha.email, PASSWORD).await.status, 200, "{address}");
        }
        // Keys and live tokens are not held up anywhere.
        let bearer = format!("Bearer {token}");
        for shown in [("x-api-key", alpha.api_key.as_str()), ("authorization", bearer.as_str())] {
            assert_eq!(get(&app, "198.51.100.1", "/forward-auth", &[shown]).await.status, 200);
        }
        // The owner's logins at home give those who try elsewhere nothing back.
        assert_eq!(log_in(&app, "198.51.100.2", &alpha.email, PASSWORD).await.status, 429);
    }
}

#[actix_web::test]
async fn threat_g4_variants_of_an_address_share_one_guard() {
    let app = TestApp::with_limits(Database::Sqlite, "").await;
    let variants = [
        "jos\u{e9}@b\u{fc}cher.example",
        "jose\u{301}@b\u{fc}cher.example",
        "JOS\u{e9}@B\u{fc}CHER.example",
        "jos\u{e9}@xn--bcher-kva.example",
        " jos\u{e9}@XN--BCHER-KVA.Example ",
        "jos\u{e9}@b\u{ff55}\u{308}cher.example",
    ];
    let mut statuses = Vec::new();
    for (number, variant) in variants.iter().cycle().take(2 * variants.len()).enumerate() {
        statuses.push(log_in(&app, &format!("10.0.0.{number}"), variant, "not-the-password").await.status);
    }
    assert_eq!(statuses, [vec![401; 10], vec![429; 2]].concat());
}

#[actix_web::test]
async fn threat_d10_no_header_and_no_alias_of_an_address_buys_a_try() {
    let proxied = "trusted_proxies = \"10.0.0.0/8\"\n";
    let last = "203.0.113.5";
    let corpus: [(&str, &str, &[&str]); 12] = [
        ("", last, &["198.51.100.{n}"]),
        ("", last, &["10.0.0.{n}", "198.51.100.{n}"]),
        ("", "::ffff:203.0.113.5", &["198.51.100.{n}"]),
        (proxied, last, &["198.51.100.{n}"]),
        (proxied, "10.0.0.1", &["198.51.100.{n}, 203.0.113.5"]),
        (proxied, "10.0.0.1", &["198.51.100.{n}", "203.0.113.5"]),
        (proxied, "10.0.0.1", &["198.51.100.{n}, 203.0.113.5, 10.9.9.9"]),
        (proxied, "10.0.0.{n}", &["203.0.113.5"]),
        (proxied, "10.0.0.1", &["203.0.113.5:{n}"]),
        (proxied, "::ffff:10.0.0.1", &["[::ffff:203.0.113.5]:{n}"]),
        (proxied, "10.0.0.1", &["198.51.100.{n}, junk"]),
        (proxied, "2001:db8::{n}", &["198.51.100.{n}"]),
    ];
    for (toml, peer, lines) in corpus {
        let app = TestApp::with_limits(Database::Sqlite, toml).await;
        let mut statuses = Vec::new();
        for number in 1..=15 {
            let fill = |text: &str| text.replace("{n}", &number.to_string());
            let request = actix_web::test::TestRequest::post().uri(super::client::LOGIN);
            let body = json!({"api_key": "ak_live_x", "api_secret": "sk_live_x"});
            let mut request = super::client::from(&fill(peer), request.set_json(body));
            for line in lines {
                request = request.append_header(("x-forwarded-for", fill(line)));
            }
            for other in ["forwarded", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"] {
                request = request.insert_header((other, fill("198.51.100.{n}")));
            }
            statuses.push(app.send(request).await.status);
        }
        assert_eq!(statuses, [vec![401; 5], vec![429; 10]].concat(), "{toml}{peer} {lines:?}");
    }
}
