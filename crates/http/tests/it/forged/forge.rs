//! What a forger has: real tokens, the public keys, keys of their own, and in the worst case one of ours.

use std::io::ErrorKind;
use std::net::TcpListener;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use keyward_domain::entropy::random_bytes;
use keyward_domain::tokens::SigningAlgorithm;
use keyward_testkit::app::{Database, TestApp};
use keyward_testkit::entropy::SeededEntropy;
use keyward_testkit::forgers_key::ForgersKey;
use serde_json::{Map, Value, json};

use super::families::Reason;

/// A token, taken apart.
pub(super) struct Token {
    pub(super) text: String,
    pub(super) header: String,
    pub(super) payload: String,
    pub(super) signature: String,
    pub(super) claims: Value,
}

impl Token {
    fn read(text: String) -> Self {
        let parts: Vec<_> = text.split('.').map(str::to_owned).collect();
        let [header, payload, signature] = parts.try_into().expect("three parts");
        let claims = serde_json::from_slice(&decode(&payload)).expect("claims");
        Self { text, header, payload, signature, claims }
    }

    /// The header's members.
    pub(super) fn head(&self) -> Value {
        serde_json::from_slice(&decode(&self.header)).expect("a header")
    }
}

/// The app, and all that a forger may have.
pub(super) struct Forge {
    pub(super) app: TestApp,
    pub(super) algorithm: SigningAlgorithm,
    /// Tokens that the app has issued: for a key, for a password, and for another account's key.
    pub(super) real: Vec<Token>,
    /// The JWK Set.
    pub(super) jwks: Value,
    /// A key of the forger's own, and one of each other algorithm.
    pub(super) strangers: ForgersKey,
    pub(super) others: Vec<ForgersKey>,
    /// A signing key of the app, and one of another algorithm that it signs with.
    own: (String, ForgersKey),
    pub(super) own_other: (String, ForgersKey),
    entropy: SeededEntropy,
    /// Where `jku` and its like point.
    trap: TcpListener,
}

impl Forge {
    /// An app that signs with this algorithm at one dialect, and with another at the other.
    pub(super) async fn start(algorithm: SigningAlgorithm) -> Self {
        let other = match algorithm {
            SigningAlgorithm::EdDsa => SigningAlgorithm::Es256,
            SigningAlgorithm::Es256 => SigningAlgorithm::Rs256,
            SigningAlgorithm::Rs256 => SigningAlgorithm::EdDsa,
        };
        let toml = format!(
            "[dialects.tradeready]\nalgorithm = \"{algorithm}\"\n[dialects.trucore]\nalgorithm = \"{other}\"\n"
        );
        let app = TestApp::with_keys_at_hand(Database::Sqlite, &toml).await;
        let (alpha, beta) = (app.register("Alpha").await, app.register("Beta").await);
        let by_password = json!({"email": alpha.email, "password": alpha.password});
        let by_password = app.post("/tradeready/api/v1/auth/user-login", &by_password).await;
        let tokens = [app.log_in(&alpha).await, by_password.text("/token"), app.log_in(&beta).await];
        let trap = TcpListener::bind("127.0.0.1:0").expect("a port");
        trap.set_nonblocking(true).expect("a socket that does not wait");
        let others = SigningAlgorithm::ALL.iter().filter(|&&other| other != algorithm);
        Self {
            own: app.own_key(algorithm).await,
            own_other: app.own_key(other).await,
            jwks: app.get("/.well-known/jwks.json", &[]).await.json(),
            real: tokens.map(Token::read).into(),
            strangers: ForgersKey::strangers(algorithm),
            others: others.map(|&other| ForgersKey::strangers(other)).collect(),
            entropy: SeededEntropy::new(11),
            app,
            algorithm,
            trap,
        }
    }

    /// What the domain says of a token.
    pub(super) async fn judge(&self, token: &str) -> Result<(), Reason> {
        let judged = self.app.domain().tokens.authenticate(token).await;
        judged.map(|_| ()).map_err(|error| Reason::of(&error))
    }

    /// Whether anybody has followed an address that stands in a token.
    pub(super) fn was_asked_for_keys(&self) -> bool {
        match self.trap.accept() {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                false
            }
        }
    }

    /// An address at which the forger would have keys.
    pub(super) fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.trap.local_addr().expect("a bound socket"))
    }

    /// A token that our own key has signed, with these claims.
    pub(super) fn own(&self, claims: &Value) -> String {
        self.own_bytes(claims.to_string())
    }

    /// The same with this for a payload.
    pub(super) fn own_bytes(&self, payload: impl AsRef<[u8]>) -> String {
        self.own_signed(&encode(self.own_head().to_string()), &encode(payload))
    }

    /// Our own key's signature over this, as it stands.
    pub(super) fn own_signed(&self, header: &str, payload: &str) -> String {
        signed_by(&self.own.1, header, payload)
    }

    /// The header that our own key writes.
    pub(super) fn own_head(&self) -> Value {
        json!({"alg": self.algorithm.as_str(), "typ": "at+jwt", "kid": self.own.0})
    }

    /// Each real token with another header: with its own signature, without one, signed by a stranger, and, which no
    /// stranger can do, signed by us.
    pub(super) fn with_headers(&self, headers: impl IntoIterator<Item = Value>) -> Vec<String> {
        let with = |head: Value| {
            let header = encode(head.to_string());
            let [real, ..] = &*self.real else { panic!("real tokens") };
            [
                format!("{header}.{}.{}", real.payload, real.signature),
                format!("{header}.{}.", real.payload),
                signed_by(&self.strangers, &header, &real.payload),
                self.own_signed(&header, &real.payload),
            ]
        };
        headers.into_iter().flat_map(with).collect()
    }

    /// The header of our own key with some members changed or added.
    pub(super) fn heads(&self, changes: impl IntoIterator<Item = Value>) -> Vec<Value> {
        let change = |members: Value| {
            let mut head = self.own_head();
            object(&mut head).extend(members.as_object().expect("members").clone());
            head
        };
        changes.into_iter().map(change).collect()
    }

    /// A number below `end`, the same in every run.
    pub(super) fn draw(&self, end: usize) -> usize {
        usize::try_from(self.entropy.next() % end as u64).expect("a number below another")
    }

    /// Bytes that look random.
    pub(super) fn noise<const N: usize>(&self) -> [u8; N] {
        random_bytes(&self.entropy)
    }
}

/// A key's signature over a header and a payload as they stand.
pub(super) fn signed_by(key: &ForgersKey, header: &str, payload: &str) -> String {
    let message = format!("{header}.{payload}");
    let signature = encode(key.sign(&message));
    format!("{message}.{signature}")
}

pub(super) fn object(value: &mut Value) -> &mut Map<String, Value> {
    value.as_object_mut().expect("an object")
}

pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn decode(text: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// DER as people pass it around in a file.
pub(super) fn pem(der: &[u8]) -> String {
    let base64 = BASE64_STANDARD.encode(der);
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}
