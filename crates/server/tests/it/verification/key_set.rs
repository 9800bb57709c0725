//! A JWK Set whose private keys a test has, so that it can sign what no server would.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use keyward_domain::tokens::SigningAlgorithm;
use keyward_testkit::forgers_key::ForgersKey;
use serde_json::{Value, json};

/// Times that need no clock.
const LONG_AGO: u64 = 1_000_000_000;
const FAR_AHEAD: u64 = 4_102_444_800;

/// A server that has nothing but keys.
pub(super) struct KeySet {
    pub(super) url: String,
    keys: Vec<ForgersKey>,
    stranger: ForgersKey,
}

impl KeySet {
    /// Serves a key of each algorithm, under its algorithm's name, for as long as the process runs.
    pub(super) fn serve() -> Self {
        let keys: Vec<_> =
            SigningAlgorithm::ALL.iter().map(|&algorithm| ForgersKey::strangers(algorithm)).collect();
        let jwks: Vec<_> = keys.iter().map(|key| key.jwk(key.algorithm.as_str())).collect();
        let url = serve(json!({"keys": jwks}).to_string());
        Self { url, keys, stranger: ForgersKey::strangers(SigningAlgorithm::EdDsa) }
    }

    fn key(&self, algorithm: SigningAlgorithm) -> &ForgersKey {
        self.keys.iter().find(|key| key.algorithm == algorithm).expect("a key of each")
    }

    fn claims(&self) -> Value {
        json!({
            "iss": self.url, "aud": self.url, "sub": "the-account", "iat": LONG_AGO, "nbf": LONG_AGO, "exp": FAR_AHEAD,
            "jti": "the-token", "env": "live", "account_id": "the-account", "account_epoch": 0,
        })
    }

    /// What a server would sign.
    pub(super) fn good_token(&self, algorithm: SigningAlgorithm) -> String {
        signed(self.key(algorithm), &head(algorithm.as_str(), algorithm.as_str()), &self.claims())
    }

    /// What each example must refuse, and why.
    pub(super) fn bad_tokens(&self) -> Vec<(&'static str, String)> {
        let good = self.good_token(SigningAlgorithm::EdDsa);
        let (message, signature) = good.rsplit_once('.').expect("a signature");
        let none = json!({"alg": "none", "typ": "at+jwt", "kid": "EdDSA"});
        vec![
            ("over", self.with("exp", json!(LONG_AGO + 1))),
            ("not begun", self.with("nbf", json!(FAR_AHEAD - 1))),
            ("of another issuer", self.with("iss", json!("https://elsewhere.example"))),
            ("for another audience", self.with("aud", json!("https://elsewhere.example"))),
            ("without an end", self.without("exp")),
            ("without an issuer", self.without("iss")),
            ("without an audience", self.without("aud")),
            ("without an account", self.without("account_id")),
            ("of another type", self.headed(&json!({"alg": "EdDSA", "typ": "JWT", "kid": "EdDSA"}))),
            ("of no type", self.headed(&json!({"alg": "EdDSA", "kid": "EdDSA"}))),
            ("of no key", self.headed(&json!({"alg": "EdDSA", "typ": "at+jwt"}))),
            ("of an unknown key", self.headed(&head("EdDSA", "unknown"))),
            (
                "an extension is critical",
                self.headed(&json!({
                    "alg": "EdDSA", "typ": "at+jwt", "kid": "EdDSA", "crit": ["x"], "x": 1,
                })),
            ),
            ("unsigned", format!("{}.{}.", encode(&none), encode(&self.claims()))),
            ("signed by a stranger", signed(&self.stranger, &head("EdDSA", "EdDSA"), &self.claims())),
            ("the public key as a secret", self.confused()),
            (
                "the alg of another key",
                signed(self.key(SigningAlgorithm::Es256), &head("ES256", "EdDSA"), &self.claims()),
            ),
            ("without its signature", format!("{message}.")),
            ("with another's signature", format!("{}.{signature}", self.headless())),
            ("no token", "null".to_owned()),
            ("nothing", String::new()),
        ]
    }

    fn with(&self, claim: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[claim] = value;
        signed(self.key(SigningAlgorithm::EdDsa), &head("EdDSA", "EdDSA"), &claims)
    }

    fn without(&self, claim: &str) -> String {
        let mut claims = self.claims();
        claims.as_object_mut().expect("claims").remove(claim);
        signed(self.key(SigningAlgorithm::EdDsa), &head("EdDSA", "EdDSA"), &claims)
    }

    fn headed(&self, head: &Value) -> String {
        signed(self.key(SigningAlgorithm::EdDsa), head, &self.claims())
    }

    /// HMAC, with the RSA key as people keep it for a secret.
    fn confused(&self) -> String {
        let message = format!("{}.{}", encode(&head("HS256", "RS256")), encode(&self.claims()));
        let secret = EncodingKey::from_secret(&self.key(SigningAlgorithm::Rs256).public_der());
        let tag = crypto::sign(message.as_bytes(), &secret, Algorithm::HS256).expect("an HMAC");
        format!("{message}.{tag}")
    }

    /// Another account's claims, to be put before a good signature.
    fn headless(&self) -> String {
        let mut claims = self.claims();
        claims["account_id"] = json!("another-account");
        format!("{}.{}", encode(&head("EdDSA", "EdDSA")), encode(&claims))
    }
}

fn head(alg: &str, kid: &str) -> Value {
    json!({"alg": alg, "typ": "at+jwt", "kid": kid})
}

fn signed(key: &ForgersKey, head: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", encode(head), encode(claims));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(key.sign(&message));
    format!("{message}.{signature}")
}

fn encode(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Answers every request with this JSON.
fn serve(json: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("a bound socket"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let lines = BufReader::new(stream.try_clone().expect("the same connection")).lines();
            lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
            let _ = write!(stream, "{head}content-length: {}\r\n\r\n{json}", json.len());
        }
    });
    url
}
