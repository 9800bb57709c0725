//! J6, J7, J8 and J9: what a good signature does not make good, and what is changed under a signature that then is none.

use keyward_domain::time::Clock;
use serde_json::{Value, json};

use super::corpus::Class;
use super::families::Reason;
use super::forge::{Forge, object};

const TIMES: [&str; 3] = ["exp", "nbf", "iat"];
const NUMBERS: [&str; 2] = ["account_epoch", "key_generation"];
const TEXTS: [&str; 7] = ["iss", "aud", "sub", "jti", "env", "account_id", "key_id"];

pub(super) fn classes(forge: &Forge) -> Vec<Class> {
    let signed = |claims: Vec<Value>| claims.iter().map(|claims| forge.own(claims)).collect::<Vec<_>>();
    let mut classes = vec![
        Class::invalid("J6", "a claim of another type", signed(other_types(forge))),
        Class::invalid("J6", "an id that is none, or not as we write it", signed(odd_ids(forge))),
        Class::invalid("J6", "a claim twice", twice(forge)),
        Class::invalid("J6", "a claim that we do not write", signed(unknown(forge))),
        Class::invalid("J6", "a payload that is no object of claims", no_objects(forge)),
        Class::of("J6", "a claim is missing", Reason::MissingClaim, signed(missing(forge))),
        Class::of("J6", "a claim is null", Reason::MissingClaim, signed(nulls(forge))),
        Class::of("J6", "half of a pair of claims", Reason::MissingClaim, signed(halves(forge))),
        Class::of("J7", "over", Reason::TokenExpired, signed(over(forge))),
        Class::of(
            "J7",
            "over, and wrong in other ways too",
            Reason::TokenExpired,
            signed(over_and_wrong(forge)),
        ),
        Class::invalid("J7", "from the future", signed(from_the_future(forge))),
        Class::invalid("J8", "of another issuer", signed(elsewhere(forge, "iss"))),
        Class::invalid("J8", "for another audience", signed(elsewhere(forge, "aud"))),
        Class::invalid("J8", "of another subject than its account", signed(other_subjects(forge))),
        Class::invalid("J9", "of an environment that there is not", signed(other_environments(forge))),
        Class::invalid("J6", "changed under a real signature", changed(forge)),
        Class::invalid("J12", "put together from two real tokens", spliced(forge)),
    ];
    for time in TIMES {
        let name = match time {
            "exp" => "exp is no whole number of seconds that there are",
            "nbf" => "nbf is no whole number of seconds that there are",
            _ => "iat is no whole number of seconds that there are",
        };
        classes.push(Class::invalid("J6", name, odd_times(forge, time)));
    }
    classes
}

/// Claims of a token that was issued for a key.
fn good(forge: &Forge) -> Value {
    forge.real[0].claims.clone()
}

fn with(forge: &Forge, claim: &str, value: Value) -> Value {
    let mut claims = good(forge);
    claims[claim] = value;
    claims
}

fn odd_times(forge: &Forge, time: &str) -> Vec<String> {
    let json = good(forge).to_string();
    let own = format!("\"{time}\":{}", good(forge)[time]);
    let odd = [
        "\"1773926100\"",
        "1773926100.0",
        "1773926100.5",
        "1.7739261e9",
        "-1",
        "-0",
        "-1773926100",
        "true",
        "false",
        "[1773926100]",
        "{}",
        "[]",
        "\"\"",
        "\"never\"",
        "\"2026-03-19T13:00:00Z\"",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "1e400",
        "253402300800",
        "1e9",
        "0.0",
        "00",
        "01773926100",
        "0x69bbf0d0",
        "NaN",
        "Infinity",
        "+1773926100",
    ];
    let each = odd.iter().map(|odd| {
        let changed = json.replace(&own, &format!("\"{time}\":{odd}"));
        assert_ne!(changed, json);
        forge.own_bytes(changed)
    });
    each.collect()
}

fn other_types(forge: &Forge) -> Vec<Value> {
    let texts = TEXTS.iter().flat_map(|claim| {
        let own = good(forge)[claim].clone();
        let values = [json!(1), json!(true), json!([own]), json!([]), json!({}), json!(""), json!("\0")];
        values.map(|value| with(forge, claim, value))
    });
    let numbers = NUMBERS.iter().flat_map(|claim| {
        let values = [json!("1"), json!(1.0), json!(-1), json!(4_294_967_296_u64), json!([1]), json!(true)];
        values.map(|value| with(forge, claim, value))
    });
    texts.chain(numbers).collect()
}

fn odd_ids(forge: &Forge) -> Vec<Value> {
    let each = ["jti", "key_id"].into_iter().flat_map(|claim| {
        let id = good(forge)[claim].as_str().expect("an id").to_owned();
        let odd = [
            id.replace('-', ""),
            format!("{{{id}}}"),
            format!("urn:uuid:{id}"),
            format!("{id} "),
            id[1..].to_owned(),
            "null".to_owned(),
            "../../etc/passwd".to_owned(),
            "' OR 1=1 --".to_owned(),
        ];
        odd.map(|odd| with(forge, claim, json!(odd)))
    });
    each.collect()
}

fn twice(forge: &Forge) -> Vec<String> {
    let (claims, json) = (good(forge), good(forge).to_string());
    let each = claims.as_object().expect("claims").iter().flat_map(|(claim, value)| {
        let twins =
            [value.clone(), json!(null), json!(4_102_444_800_u64), json!("https://elsewhere.example")];
        twins.map(|twin| {
            let member = format!("\"{claim}\":{twin}");
            [json.replacen('{', &format!("{{{member},"), 1), json.replace('}', &format!(",{member}}}"))]
        })
    });
    each.flatten().map(|json| forge.own_bytes(json)).collect()
}

fn unknown(forge: &Forge) -> Vec<Value> {
    let claims = [
        ("admin", json!(true)),
        ("scope", json!("keys:manage")),
        ("scopes", json!(["*"])),
        ("cnf", json!({"jkt": "AAAA"})),
        ("act", json!({"sub": "somebody"})),
        ("EXP", json!(4_102_444_800_u64)),
        ("Exp", json!(4_102_444_800_u64)),
        ("exp ", json!(4_102_444_800_u64)),
        ("", json!(null)),
        ("__proto__", json!({})),
        ("client_id", json!("x")),
        ("purpose", json!("reset")),
    ];
    claims.map(|(claim, value)| with(forge, claim, value)).into()
}

fn no_objects(forge: &Forge) -> Vec<String> {
    let (claims, json) = (good(forge), good(forge).to_string());
    let values: Vec<_> = claims.as_object().expect("claims").values().cloned().collect();
    let deep = format!("{{\"iss\":{}{}}}", "[".repeat(1_000), "]".repeat(1_000));
    let mut payloads: Vec<Vec<u8>> = [
        json!(values).to_string(),
        json!([claims]).to_string(),
        json!(json).to_string(),
        format!("{json}{json}"),
        format!("{json}x"),
        format!("{json}\0"),
        format!("\u{feff}{json}"),
        json.replace('}', ",}"),
        json.replace('"', "'"),
        json.replace('}', ""),
        format!("/**/{json}"),
        deep,
    ]
    .map(String::into_bytes)
    .into();
    payloads.extend(
        ["", "null", "[]", "0", "\"text\"", "true", "{", "sub=alpha"].map(|odd| odd.as_bytes().to_vec()),
    );
    let mut not_utf8 = json.clone().into_bytes();
    *not_utf8.last_mut().expect("a byte") = 0xff;
    payloads.push(not_utf8);
    payloads.push(json.encode_utf16().flat_map(u16::to_le_bytes).collect());
    payloads.into_iter().map(|payload| forge.own_bytes(payload)).collect()
}

fn missing(forge: &Forge) -> Vec<Value> {
    let names = good(forge).as_object().expect("claims").keys().cloned().collect::<Vec<_>>();
    let without = |name: &String| {
        let mut claims = good(forge);
        object(&mut claims).remove(name);
        claims
    };
    names.iter().map(without).chain([json!({})]).collect()
}

fn nulls(forge: &Forge) -> Vec<Value> {
    let names = good(forge).as_object().expect("claims").keys().cloned().collect::<Vec<_>>();
    names.iter().map(|name| with(forge, name, json!(null))).collect()
}

fn halves(forge: &Forge) -> Vec<Value> {
    let agent = good(forge)["account_id"].clone();
    vec![with(forge, "agent_id", agent), with(forge, "agent_epoch", json!(0))]
}

/// A token is over five seconds after its `exp`: not at the fourth, but at the fifth.
fn over(forge: &Forge) -> Vec<Value> {
    let now = forge.now();
    [5, 6, 60, 900, 3_600, 86_400, 31_536_000, now].map(|ago| with(forge, "exp", json!(now - ago))).into()
}

/// Times come before all other claims.
fn over_and_wrong(forge: &Forge) -> Vec<Value> {
    let wrong = [
        ("iss", json!("https://elsewhere.example")),
        ("aud", json!("https://elsewhere.example")),
        ("sub", json!("somebody-else")),
        ("env", json!("production")),
        ("nbf", json!(4_102_444_800_u64)),
        ("jti", json!(null)),
    ];
    let expired = wrong.map(|(claim, value)| {
        let mut claims = with(forge, claim, value);
        claims["exp"] = json!(forge.now() - 3_600);
        claims
    });
    expired.into()
}

fn from_the_future(forge: &Forge) -> Vec<Value> {
    let ahead = [6, 7, 60, 3_599, 31_536_000];
    let each = ahead.into_iter().flat_map(|ahead| {
        ["nbf", "iat"].map(|claim| {
            let mut claims = with(forge, claim, json!(forge.now() + ahead));
            claims["exp"] = json!(forge.now() + ahead + 3_600);
            claims
        })
    });
    each.collect()
}

fn elsewhere(forge: &Forge, claim: &str) -> Vec<Value> {
    let own = good(forge)[claim].as_str().expect("an address").to_owned();
    let others = [
        json!(format!("{own}/")),
        json!(own.to_uppercase()),
        json!(own.replace("http:", "https:")),
        json!(own.trim_start_matches("http://")),
        json!(own.replace("127.0.0.1", "localhost")),
        json!(own.replace(":8080", "")),
        json!(format!("{own}#")),
        json!(format!(" {own}")),
        json!(format!("{own}\0")),
        json!(format!("{own}@elsewhere.example")),
        json!(format!("{own}.elsewhere.example")),
        json!("https://elsewhere.example"),
        json!("*"),
        json!([own, "https://elsewhere.example"]),
        json!(["https://elsewhere.example", own]),
        json!({"0": own}),
    ];
    others.map(|other| with(forge, claim, other)).into()
}

fn other_subjects(forge: &Forge) -> Vec<Value> {
    let others = forge.real[2].claims["account_id"].clone();
    let own = good(forge)["account_id"].as_str().expect("an id").to_owned();
    let key = good(forge)["key_id"].as_str().expect("an id").replace('-', "");
    let subjects = [
        others,
        json!("somebody-else"),
        json!("admin"),
        json!(own.to_uppercase()),
        json!(format!("{own} ")),
        json!(format!("org_key_{}", own.replace('-', ""))),
        json!(format!("org_key_{}", "0".repeat(32))),
        json!(format!("org_key_{}", key.to_uppercase())),
        json!(format!("org_key_{}", &key[..8])),
        json!(key),
    ];
    subjects.map(|sub| with(forge, "sub", sub)).into()
}

fn other_environments(forge: &Forge) -> Vec<Value> {
    ["production", "LIVE", "live ", "test", "both", "live,sandbox"]
        .map(|env| with(forge, "env", json!(env)))
        .into()
}

/// What an attacker without any key would like to change.
fn changed(forge: &Forge) -> Vec<String> {
    let each = forge.real.iter().flat_map(|real| {
        let others = &forge.real[2].claims["account_id"];
        let mut wishes: Vec<_> = [
            ("exp", json!(4_102_444_800_u64)),
            ("nbf", json!(0)),
            ("iat", json!(0)),
            ("sub", json!("admin")),
            ("account_id", json!(others.as_str().map(str::to_uppercase))),
            ("account_epoch", json!(7)),
            ("key_generation", json!(7)),
            ("env", json!("sandbox")),
            ("jti", json!("01980000-0000-7000-8000-000000000000")),
            ("aud", json!("https://elsewhere.example")),
            ("admin", json!(true)),
            ("agent_id", json!("01980000-0000-7000-8000-000000000000")),
        ]
        .map(|(claim, value)| {
            let mut claims = real.claims.clone();
            claims[claim] = value;
            claims
        })
        .into();
        for claim in real.claims.as_object().expect("claims").keys() {
            let mut claims = real.claims.clone();
            object(&mut claims).remove(claim);
            wishes.push(claims);
        }
        let payloads = wishes.into_iter().map(|claims| super::forge::encode(claims.to_string()));
        payloads.map(|payload| format!("{}.{payload}.{}", real.header, real.signature)).collect::<Vec<_>>()
    });
    each.collect()
}

fn spliced(forge: &Forge) -> Vec<String> {
    let mut tokens = Vec::new();
    for one in &forge.real {
        for other in forge.real.iter().filter(|other| other.text != one.text) {
            tokens.push(format!("{}.{}.{}", one.header, one.payload, other.signature));
            tokens.push(format!("{}.{}", one.text, other.text));
            tokens.push(format!("{},{}", one.text, other.text));
            tokens.push(format!("{} {}", one.text, other.text));
            tokens.push(format!("{}{}", one.text, other.text));
        }
    }
    tokens
}

impl Forge {
    /// The second that it is.
    fn now(&self) -> i64 {
        self.app.clock().now().unix_seconds()
    }
}
