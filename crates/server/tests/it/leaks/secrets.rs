//! Every secret that was ever sent or received, and the forms in which it could lie somewhere.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;

/// What is looked for at least: fewer characters stand somewhere by chance.
const WINDOW: usize = 16;

/// The secrets, each with what it is.
#[derive(Default)]
pub(super) struct Secrets {
    secrets: BTreeMap<String, String>,
    addresses: BTreeMap<String, String>,
}

impl Secrets {
    /// Remembers a secret.
    pub(super) fn add(&mut self, what: &str, secret: &str) {
        assert!(secret.len() >= 12, "{what} is too short to be looked for");
        self.secrets.insert(secret.to_owned(), what.to_owned());
    }

    /// Remembers an e-mail address: it rests in the database and is shown to admins, and no log has it.
    pub(super) fn add_address(&mut self, address: &str) {
        self.addresses.insert(address.to_owned(), "an address".to_owned());
    }

    /// Remembers what an answer shows that looks like a key or a token of ours.
    pub(super) fn harvest(&mut self, answer: &Value) {
        match answer {
            Value::String(text) => self.harvest_text(text),
            Value::Array(items) => items.iter().for_each(|item| self.harvest(item)),
            Value::Object(members) => members.values().for_each(|member| self.harvest(member)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn harvest_text(&mut self, text: &str) {
        let prefix = text.rfind('_').map_or(0, |last| last + 1);
        if text.starts_with("eyJ") && text.matches('.').count() == 2 {
            // Head and payload are no secret; the signature makes a token of them.
            let signature = text.rsplit('.').next().expect("three parts");
            self.add("a token", signature);
        } else if text.len() == prefix + 64 && text[prefix..].bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            // The handle in front is no secret, and neither is the checksum.
            self.add("a key", &text[prefix + 15..prefix + 58]);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.secrets.len()
    }

    /// Looks for all secrets that are known by now.
    pub(super) fn scanner(&self) -> Scanner {
        Scanner::new(&self.secrets)
    }

    /// Looks for all addresses that are known by now.
    pub(super) fn address_scanner(&self) -> Scanner {
        Scanner::new(&self.addresses)
    }
}

/// Looks for secrets in whichever form.
pub(super) struct Scanner {
    searcher: AhoCorasick,
    /// What each of the patterns is.
    meanings: Vec<String>,
}

impl Scanner {
    fn new(secrets: &BTreeMap<String, String>) -> Self {
        let (mut patterns, mut meanings) = (Vec::new(), Vec::new());
        for (secret, what) in secrets {
            for (form, bytes) in forms(secret.as_bytes()) {
                patterns.push(bytes);
                meanings.push(format!("{what}, {form}"));
            }
        }
        Self { searcher: AhoCorasick::new(patterns).expect("a searcher"), meanings }
    }

    /// What is found, a few of them, each with what stands around it.
    pub(super) fn find(&self, content: &[u8]) -> Vec<String> {
        let hits = self.searcher.find_overlapping_iter(content).take(5);
        let found = hits.map(|hit| {
            let around = &content[hit.start().saturating_sub(120)..(hit.end() + 40).min(content.len())];
            format!("{} in …{}…", self.meanings[hit.pattern().as_usize()], String::from_utf8_lossy(around))
        });
        found.collect()
    }
}

/// The forms in which a secret could lie somewhere.
fn forms(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut forms = vec![("raw", secret.to_vec()), ("reversed", secret.iter().rev().copied().collect())];
    forms.extend(secret.windows(WINDOW).map(|window| ("a part", window.to_vec())));
    forms.extend(
        secret.windows(WINDOW).map(|window| ("a part, reversed", window.iter().rev().copied().collect())),
    );
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    forms.push(("hex", hex.to_uppercase().into_bytes()));
    forms.push(("hex", hex.into_bytes()));
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    for digits in [|byte: u8| format!("%{byte:02x}"), |byte: u8| format!("%{byte:02X}")] {
        let encode = |byte: &u8| if is_plain(byte) { char::from(*byte).to_string() } else { digits(*byte) };
        forms.push(("URL-encoded", secret.iter().map(encode).collect::<String>().into_bytes()));
        forms.push((
            "URL-encoded whole",
            secret.iter().map(|byte| digits(*byte)).collect::<String>().into_bytes(),
        ));
    }
    // Base64 looks different by what stands in front: one, two or three bytes.
    for before in 0..3 {
        let padded = [vec![b'x'; before], secret.to_vec()].concat();
        let whole = padded.len() / 3 * 3;
        let start = if before == 0 { 0 } else { 4 };
        for (name, engine) in [("base64", STANDARD_NO_PAD), ("base64url", URL_SAFE_NO_PAD)] {
            forms.push((name, engine.encode(&padded[..whole]).as_bytes()[start..].to_vec()));
        }
    }
    forms.sort();
    forms.dedup_by(|one, other| one.1 == other.1);
    forms
}

const PLANTED: &str = "pw-Zq7/vKx2+mWp9=tRb4cHd6";

#[test]
fn the_scanner_finds_each_form_of_a_secret() {
    let mut secrets = Secrets::default();
    secrets.add("a password", PLANTED);
    let base64 = |text: &str| STANDARD_NO_PAD.encode(text);
    for planted in [
        PLANTED.to_owned(),
        PLANTED.chars().rev().collect(),
        PLANTED[3..20].to_owned(),
        base64(PLANTED),
        base64(&format!("user:{PLANTED}")),
        base64(&format!("someone:{PLANTED}:more")),
        URL_SAFE_NO_PAD.encode(format!("a:{PLANTED}")),
        PLANTED.bytes().map(|byte| format!("{byte:02x}")).collect(),
        PLANTED.bytes().map(|byte| format!("{byte:02X}")).collect(),
        PLANTED.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D"),
        PLANTED.replace('/', "%2f").replace('+', "%2b").replace('=', "%3d"),
    ] {
        let line = format!("{{\"message\":\"a line before {planted} and behind\"}}");
        assert!(!secrets.scanner().find(line.as_bytes()).is_empty(), "not found: {planted}");
    }
    assert_eq!(secrets.scanner().find(b"{\"message\":\"pw-Zq7/vKx2 and nothing else\"}"), [""; 0]);
}

#[test]
fn the_scanner_finds_a_secret_that_somebody_prints() {
    #[derive(Debug)]
    #[allow(dead_code, reason = "it is printed")]
    struct Careless {
        password: String,
    }
    let mut secrets = Secrets::default();
    secrets.add("a password", PLANTED);
    let line = format!("{:?}", Careless { password: PLANTED.to_owned() });
    assert!(!secrets.scanner().find(line.as_bytes()).is_empty());
}

#[test]
fn the_scanner_takes_keys_and_tokens_from_answers() {
    let mut secrets = Secrets::default();
    let key = format!("ak_live_{}{}{}", "h".repeat(15), "Secret43".repeat(6).split_at(43).0, "c".repeat(6));
    let answer = serde_json::json!({"keys": [{"api_key": key}], "token": "eyJh.eyJi.c2lnbmF0dXJlLW9mLXRva2Vu", "id": "x"});
    secrets.harvest(&answer);
    assert_eq!(secrets.len(), 2);
    assert_eq!(secrets.scanner().find(format!("ak_live_{}…", "h".repeat(15)).as_bytes()), [""; 0]);
    assert!(!secrets.scanner().find(key.as_bytes()).is_empty());
}
