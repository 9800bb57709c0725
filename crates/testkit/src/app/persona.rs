//! Who asks: a registered account with everything it was shown, and the requests that it makes.

use actix_web::test::TestRequest;
use serde_json::json;

use super::{Answer, TestApp};

/// A registered account with everything it was shown.
#[derive(Debug, Clone)]
pub struct Persona {
    /// Its id.
    pub account_id: String,
    /// Its e-mail address.
    pub email: String,
    /// Its password.
    pub password: String,
    /// Its account-level key.
    pub api_key: String,
    /// That key's second secret.
    pub api_secret: String,
    /// Its first agent.
    pub agent_id: String,
    /// That agent's key.
    pub agent_api_key: String,
    /// The token of a mail that it got, where a test has put it.
    pub mailed_token: String,
}

impl TestApp {
    /// Registers an account of this name, with a password.
    pub async fn register(&self, name: &str) -> Persona {
        let email = format!("{}@example.com", name.to_lowercase());
        let password = format!("the-secret-of-{name}");
        let body = json!({"display_name": name, "email": email, "password": password});
        let answer = self.post("/tradeready/api/v1/auth/register", &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        Persona {
            account_id: answer.text("/account_id"),
            email,
            password,
            api_key: answer.text("/api_key"),
            api_secret: answer.text("/api_secret"),
            agent_id: answer.text("/agent_id"),
            agent_api_key: answer.text("/agent_api_key"),
            mailed_token: String::new(),
        }
    }

    /// A token for the persona's key.
    pub async fn log_in(&self, persona: &Persona) -> String {
        let body = json!({"api_key": persona.api_key, "api_secret": persona.api_secret});
        self.post("/tradeready/api/v1/auth/login", &body).await.text("/token")
    }

    /// Posts JSON, as anybody.
    pub async fn post(&self, path: &str, body: &serde_json::Value) -> Answer {
        self.send(TestRequest::post().uri(path).set_json(body)).await
    }

    /// Gets with these headers.
    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = TestRequest::get().uri(path);
        self.send(headers.iter().fold(request, |request, header| request.insert_header(*header))).await
    }
}
