//! What ends a key or its account ends every token of it on the next request, at every surface, whichever dialect gave
//! the token and whatever signed it. A suspension is a state: what it stopped works again after it.

use actix_web::test::TestRequest;
use keyward_testkit::app::{Database, Persona, TestApp};
use serde_json::json;

use crate::agora::{bearing, session};

/// A surface that tokens open, and what it says to one of a key that is revoked, of an account that is suspended, and of
/// one that is archived.
struct Surface {
    path: &'static str,
    /// Where the answer says why.
    word: &'static str,
    revoked: (u16, &'static str),
    suspended: (u16, &'static str),
    archived: (u16, &'static str),
}

const SURFACES: &[Surface] = &[
    Surface {
        path: "/agora/v0/accounts",
        word: "/context/reason",
        revoked: (401, "token_revoked"),
        suspended: (403, ""),
        archived: (401, "unknown_tenant"),
    },
    Surface {
        path: "/tradeready/api/v1/agents",
        word: "/error/code",
        revoked: (401, "INVALID_TOKEN"),
        suspended: (403, "ACCOUNT_SUSPENDED"),
        archived: (401, "INVALID_TOKEN"),
    },
    Surface {
        path: "/trucore/dashboard/me",
        word: "/error/code",
        revoked: (401, "unauthorized"),
        suspended: (403, "forbidden"),
        archived: (401, "unauthorized"),
    },
    Surface {
        path: "/forward-auth",
        word: "/title",
        revoked: (401, "Unauthorized"),
        suspended: (401, "Unauthorized"),
        archived: (401, "Unauthorized"),
    },
];

/// An account with a token of its key from each dialect that exchanges keys.
struct Holder {
    persona: Persona,
    tokens: [String; 2],
}

impl Holder {
    async fn named(app: &TestApp, name: &str) -> Self {
        let persona = app.register(name).await;
        let tokens = [session(app, &persona.api_key).await, app.log_in(&persona).await];
        let holder = Self { persona, tokens };
        holder.finds(app, |_| (200, "")).await;
        holder
    }

    /// Each token is answered so by each surface.
    async fn finds(&self, app: &TestApp, expected: impl Fn(&Surface) -> (u16, &'static str)) {
        for surface in SURFACES {
            for token in &self.tokens {
                let request = TestRequest::get().uri(surface.path).insert_header(bearing(token));
                let answer = app.send(request).await;
                let word = match answer.status {
                    200 => String::new(),
                    _ => answer
                        .json()
                        .pointer(surface.word)
                        .and_then(|word| word.as_str())
                        .unwrap_or("")
                        .to_owned(),
                };
                assert_eq!((answer.status, word.as_str()), expected(surface), "{}", surface.path);
            }
        }
    }

    /// What an admin does to the account.
    async fn administered(&self, app: &TestApp, deed: &str) {
        let path = format!("/admin/v1/accounts/{}/{deed}", self.persona.account_id);
        let answer = app.send(TestRequest::post().uri(&path).insert_header(bearing(&app.admin_key()))).await;
        assert!((200..300).contains(&answer.status), "{answer:?}");
    }

    /// The id of the key, as `/customer/keys` has it.
    async fn key_id(&self, app: &TestApp) -> String {
        let path = "/trucore/customer/whoami";
        app.get(path, &[("x-api-key", &self.persona.api_key)]).await.text("/key_id")
    }
}

#[actix_web::test]
async fn threat_j10_no_surface_takes_a_token_of_a_key_that_is_revoked() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let (holder, other) = (Holder::named(&app, "Alpha").await, Holder::named(&app, "Beta").await);
        let path = format!("/trucore/customer/keys/{}/revoke", holder.key_id(&app).await);
        let revoke = TestRequest::post().uri(&path).insert_header(bearing(&other.tokens[0]));
        assert_eq!(app.send(revoke).await.status, 404, "another account's key");
        let revoke = TestRequest::post().uri(&path).insert_header(bearing(&holder.tokens[0]));
        assert_eq!(app.send(revoke).await.status, 200);
        holder.finds(&app, |surface| surface.revoked).await;
        other.finds(&app, |_| (200, "")).await;
    }
}

#[actix_web::test]
async fn threat_j10_no_surface_takes_a_token_of_a_key_that_an_admin_has_revoked() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let holder = Holder::named(&app, "Alpha").await;
        let admin = bearing(&app.admin_key());
        let list = format!("/admin/v1/keys?account={}", holder.persona.account_id);
        let keys = app.send(TestRequest::get().uri(&list).insert_header(admin.clone())).await.json();
        for key in keys["data"].as_array().unwrap() {
            let path = format!("/admin/v1/keys/{}", key["key_id"].as_str().unwrap());
            assert_eq!(
                app.send(TestRequest::delete().uri(&path).insert_header(admin.clone())).await.status,
                204
            );
        }
        holder.finds(&app, |surface| surface.revoked).await;
    }
}

#[actix_web::test]
async fn threat_j10_no_surface_takes_a_token_of_a_key_that_was_rotated() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let holder = Holder::named(&app, "Alpha").await;
        let path = format!("/trucore/customer/keys/{}/rotate", holder.key_id(&app).await);
        let rotate =
            TestRequest::post().uri(&path).set_json(json!({})).insert_header(bearing(&holder.tokens[1]));
        assert_eq!(app.send(rotate).await.status, 200);
        holder.finds(&app, |surface| surface.revoked).await;
    }
}

#[actix_web::test]
async fn threat_j10_a_suspension_stops_tokens_at_every_surface_until_it_is_lifted() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let holder = Holder::named(&app, "Alpha").await;
        for _ in 0..2 {
            holder.administered(&app, "suspend").await;
            holder.finds(&app, |surface| surface.suspended).await;
            holder.administered(&app, "resume").await;
            holder.finds(&app, |_| (200, "")).await;
        }
    }
}

#[actix_web::test]
async fn threat_j10_no_surface_knows_an_account_that_is_archived() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let holder = Holder::named(&app, "Alpha").await;
        holder.administered(&app, "archive").await;
        holder.finds(&app, |surface| surface.archived).await;
    }
}
