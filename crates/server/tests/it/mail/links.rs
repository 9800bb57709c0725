//! The whole way: what is mailed verifies an address and resets a password, once.

use std::fs;

use keyward_testkit::smtp::{Manners, Taken};
use serde_json::{Value, json};

use super::post::{Post, is_for, on_each_database, token};

const PUBLIC_URL: &str = "https://id.example.com";
const ALPHA: &str = "alpha@example.com";

#[test]
fn threat_a5_what_is_mailed_verifies_an_address_and_resets_a_password_once() {
    on_each_database(|place, _| {
        let post = Post::open(Manners::default());
        let place = place.with("KEYWARD_SMTP_URL", &post.url()).with("KEYWARD_PUBLIC_URL", PUBLIC_URL);
        let server = place.serve().at_its_own_address();
        let mailed = |page: &str| {
            let is_it = |mail: &Taken| is_for(mail, ALPHA, page);
            let taken = post.taken_when(|taken| taken.iter().any(is_it));
            token(taken.iter().find(|mail| is_it(mail)).unwrap(), PUBLIC_URL, page)
        };
        let auth = |route: &str, body: Value| server.post(&format!("/api/v1/auth/{route}"), &body);
        let is_verified = || {
            let key = fs::read_to_string(place.data_dir().join("admin.key")).unwrap();
            let bearer = format!("Bearer {}", key.trim());
            let page = server.get("/admin/v1/accounts", Some(("Authorization", &bearer))).json;
            page["data"][0]["email_verified"].as_bool().unwrap_or_else(|| panic!("{page}"))
        };

        let body = json!({"display_name": "Alpha", "email": ALPHA, "password": "the-password-of-before"});
        assert_eq!(auth("register", body).status, 201);
        let verification = mailed("verify-email");
        assert!(!is_verified());
        let body = json!({"token": verification});
        assert_eq!(auth("verify-email", body.clone()).status, 200);
        assert!(is_verified());
        assert_eq!(auth("verify-email", body).status, 422);

        assert_eq!(auth("forgot-password", json!({"username": ALPHA})).status, 200);
        let reset = mailed("reset-password");
        let body = |password: &str| json!({"token": reset, "new_password": password});
        assert_eq!(auth("reset-password", body("another-fine-password")).status, 200);
        assert_eq!(auth("reset-password", body("yet-another-fine-password")).status, 422);
        for (password, status) in [
            ("the-password-of-before", 401),
            ("yet-another-fine-password", 401),
            ("another-fine-password", 200),
        ] {
            let login = json!({"email": ALPHA, "password": password});
            assert_eq!(auth("user-login", login).status, status, "{password}");
        }
        assert_eq!(post.taken().len(), 2, "one mail each");
    });
}
