//! The admin API: what its transcripts cannot show.

use std::path::Path;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use keyward_testkit::app::{Answer, Database, TestApp, check_stories};
use serde_json::{Value, json};

async fn ask(app: &TestApp, method: Method, path: &str) -> Answer {
    let bearer = format!("Bearer {}", app.admin_key());
    app.send(TestRequest::default().method(method).uri(path).insert_header(("authorization", bearer))).await
}

async fn get(app: &TestApp, path: &str) -> Answer {
    let answer = ask(app, Method::GET, path).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer
}

/// The ids of a whole list, page by page; between two pages `between` happens.
async fn walk(app: &TestApp, list: &str, id: &str, between: impl AsyncFn(usize)) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    for number in 0.. {
        let page = get(app, &format!("/admin/v1/{list}?limit=3&cursor={cursor}")).await.json();
        ids.extend(page["data"].as_array().unwrap().iter().map(|row| row[id].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return ids,
        }
        between(number).await;
    }
    ids
}

#[actix_web::test]
async fn golden_transcripts_of_the_admin_api() {
    check_stories(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/admin")).await;
}

#[actix_web::test]
async fn pages_are_the_whole_list_while_others_register() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut expected = Vec::new();
        for number in 0..8 {
            app.clock().advance(std::time::Duration::from_millis(number % 2));
            expected.push(app.register(&format!("Account{number}")).await.account_id);
        }
        for (list, id, rows) in [("accounts", "account_id", 8), ("keys", "key_id", 16), ("audit", "id", 8)] {
            let before = get(&app, &format!("/admin/v1/{list}?limit=200")).await.json();
            let before: Vec<_> =
                before["data"].as_array().unwrap().iter().map(|row| row[id].clone()).collect();
            app.clock().advance(std::time::Duration::from_secs(1));
            let between = async |number: usize| {
                app.register(&format!("Late{number}{list}")).await;
            };
            let read = walk(&app, list, id, between).await;
            assert_eq!(read, before, "{list} on {database:?}");
            assert!(before.len() >= rows);
        }
    }
}

#[actix_web::test]
async fn threat_a6_a_cursor_that_was_altered_or_is_another_list_s_is_refused() {
    let app = TestApp::start(Database::Sqlite).await;
    app.register("Alpha").await;
    app.register("Beta").await;
    let cursor = get(&app, "/admin/v1/accounts?limit=1").await.text("/next_cursor");
    assert_eq!(
        get(&app, &format!("/admin/v1/accounts?cursor={cursor}")).await.json()["next_cursor"],
        Value::Null
    );
    let mut wrong = vec![format!("{cursor}A"), format!("{cursor}="), cursor[1..].to_owned()];
    for place in 0..cursor.len() {
        let other = if cursor.as_bytes()[place] == b'A' { "B" } else { "A" };
        wrong.push(format!("{}{other}{}", &cursor[..place], &cursor[place + 1..]));
    }
    for cursor in wrong {
        let answer = ask(&app, Method::GET, &format!("/admin/v1/accounts?cursor={cursor}")).await;
        assert_eq!(answer.status, 422, "{cursor}");
    }
    for list in ["keys", "audit"] {
        let answer = ask(&app, Method::GET, &format!("/admin/v1/{list}?cursor={cursor}")).await;
        assert_eq!(answer.status, 422, "{list}");
    }
}

#[actix_web::test]
async fn threat_p4_two_authorization_headers_that_differ_name_no_admin() {
    let app = TestApp::start(Database::Sqlite).await;
    let good = format!("Bearer {}", app.admin_key());
    for (second, status) in [("Bearer x", 401), ("", 401), (good.as_str(), 200)] {
        let request = TestRequest::get().uri("/admin/v1/accounts");
        let request =
            request.append_header(("authorization", good.as_str())).append_header(("authorization", second));
        assert_eq!(app.send(request).await.status, status, "{second:?}");
    }
}

#[actix_web::test]
async fn the_admin_api_answers_at_every_host_in_its_own_words() {
    let toml = "[dialects.hosts]\n\"api.example.com\" = \"tradeready\"\n";
    let app = TestApp::with_config(Database::Sqlite, toml).await;
    let bearer = format!("Bearer {}", app.admin_key());
    for host in ["api.example.com", "www.example.com"] {
        let headers = [("host", host), ("authorization", bearer.as_str())];
        assert_eq!(app.get("/admin/v1/accounts", &headers).await.status, 200, "{host}");
        let nowhere = app.get("/admin/v1/nowhere", &headers).await;
        let kind = nowhere.header("content-type");
        assert_eq!((nowhere.status, kind), (404, Some("application/problem+json")), "{host}");
    }
}

#[actix_web::test]
async fn diagnostics_say_what_doctor_says() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        app.register("Alpha").await;
        let checks = get(&app, "/admin/v1/diagnostics").await.json()["checks"].clone();
        let checks = checks.as_array().unwrap();
        let names: Vec<_> = checks.iter().map(|check| check["name"].as_str().unwrap()).collect();
        let expected =
            ["configuration", "admin key", "database", "master key", "audit trail", "mail", "github"];
        assert_eq!(names, expected);
        assert!(checks.iter().all(|check| check["ok"] == true), "{checks:?}");
        assert!(!format!("{checks:?}").contains(&app.admin_key()));
    }
}

#[actix_web::test]
async fn threat_k2_lists_show_neither_secrets_nor_verifiers() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = app.register("Alpha").await;
    let secrets = [&alpha.api_key, &alpha.api_secret, &alpha.agent_api_key, &alpha.password];
    for list in ["accounts", "keys", "audit"] {
        let answer = get(&app, &format!("/admin/v1/{list}")).await;
        let text = String::from_utf8(answer.body.clone()).unwrap();
        for secret in secrets {
            let tail = &secret[secret.len() - 12..];
            assert!(!text.contains(tail), "{list}");
        }
        assert!(
            !text.contains("verifier") && !text.contains("hash") && !text.contains("mac"),
            "{list}: {text}"
        );
    }
}

#[actix_web::test]
async fn an_outage_is_503_and_never_a_verdict() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = app.register("Alpha").await;
    let key = get(&app, "/admin/v1/keys").await.text("/data/0/key_id");
    app.close();
    let (account, key) =
        (format!("/admin/v1/accounts/{}", alpha.account_id), format!("/admin/v1/keys/{key}"));
    let suspend = format!("{account}/suspend");
    for (method, path) in [
        (Method::GET, "/admin/v1/accounts"),
        (Method::GET, "/admin/v1/keys"),
        (Method::GET, "/admin/v1/audit"),
        (Method::POST, &suspend),
        (Method::DELETE, &account),
        (Method::DELETE, &key),
    ] {
        let answer = ask(&app, method.clone(), path).await;
        let found = (answer.status, answer.header("retry-after"));
        assert_eq!(found, (503, Some("1")), "{method} {path}");
        assert_eq!(answer.json(), json!({"title": "Service Unavailable", "status": 503}));
    }
    assert_eq!(app.get("/admin/v1/accounts", &[]).await.status, 401, "knowing an admin needs no database");
}

#[actix_web::test]
async fn threat_d3_a_batch_has_a_thousand_lines_at_most() {
    let app = TestApp::start(Database::Sqlite).await;
    let import = async |lines: usize| {
        let users: Vec<_> =
            (0..lines).map(|number| json!({"email": format!("u{number}@example.com")})).collect();
        let request = TestRequest::post().uri("/admin/v1/imports/users").set_json(json!({"users": users}));
        let bearer = format!("Bearer {}", app.admin_key());
        app.send(request.insert_header(("authorization", bearer))).await
    };
    assert_eq!(import(1_000).await.json(), json!({"imported": 1_000, "present": 0, "refused": []}));
    let refused = import(1_001).await;
    assert_eq!((refused.status, refused.text("/detail").as_str()), (422, "users has more than 1000 lines"));
    assert_eq!(import(0).await.json(), json!({"imported": 0, "present": 0, "refused": []}));
}
