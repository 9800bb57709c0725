//! J3: names of keys that are not ours, and what they might be taken for.

use serde_json::{Value, json};

use super::corpus::Class;
use super::forge::{Forge, encode};
use super::unsigned::without;

const PATHS: [&str; 10] = [
    "../../../../dev/null",
    "/dev/null",
    "../../etc/passwd",
    "..%2f..%2fdev%2fnull",
    "....//....//dev/null",
    "C:\\Windows\\win.ini",
    "file:///dev/null",
    "/proc/self/environ",
    "./keys/1",
    "data:,",
];
const QUERIES: [&str; 10] = [
    "' OR 1=1 --",
    "1 UNION SELECT 'secret'",
    "'; DROP TABLE signing_keys; --",
    "\" OR \"\"=\"",
    "$(id)",
    "`id`",
    "| id",
    "*)(uid=*",
    "{\"$ne\":null}",
    "${jndi:ldap://localhost/a}",
];
const ODD: [&str; 9] = ["", " ", "\0", "null", "undefined", "0", "%s%n", "\u{202e}", "\r\nX: y"];

pub(super) fn classes(forge: &Forge) -> Vec<Class> {
    let heads =
        |kids: Vec<Value>| forge.with_headers(forge.heads(kids.into_iter().map(|kid| json!({"kid": kid}))));
    let texts = |kids: &[&str]| heads(kids.iter().map(|kid| json!(kid)).collect());
    vec![
        Class::invalid("J3", "kid is a path", texts(&PATHS)),
        Class::invalid("J3", "kid is a query or a command", texts(&QUERIES)),
        Class::invalid("J3", "kid is nothing or odd", texts(&ODD)),
        Class::invalid("J3", "kid is an address", heads(addresses(forge))),
        Class::invalid("J3", "kid is no text", heads(not_texts(forge))),
        Class::invalid("J3", "kid is nearly ours", heads(nearly_ours(forge))),
        Class::invalid("J3", "kid could be ours", heads(strangers(forge))),
        Class::invalid("J3", "kid is that of another key of ours", heads(vec![json!(forge.own_other.0)])),
        Class::invalid("J3", "kid is huge", heads(huge())),
        Class::invalid("J3", "no kid", forge.with_headers([without(forge, "kid")])),
    ]
}

fn addresses(forge: &Forge) -> Vec<Value> {
    ["/jwks.json", "/.well-known/jwks.json", "/key.pem"].map(|path| json!(forge.address(path))).into()
}

fn not_texts(forge: &Forge) -> Vec<Value> {
    let kid = &forge.own_head()["kid"];
    vec![
        json!(null),
        json!(0),
        json!(-1),
        json!(true),
        json!([]),
        json!([kid]),
        json!({}),
        json!({"kid": kid}),
    ]
}

fn nearly_ours(forge: &Forge) -> Vec<Value> {
    let head = forge.own_head();
    let kid = head["kid"].as_str().expect("a name");
    let (first, last) = (&kid[..1], &kid[1..]);
    let near = [
        kid.to_lowercase(),
        kid.to_uppercase(),
        last.to_owned(),
        kid[..42].to_owned(),
        format!("{kid}="),
        format!("{kid} "),
        format!(" {kid}"),
        format!("{kid}\0"),
        format!("{kid}{kid}"),
        format!("{last}{first}"),
        kid.replace(['-', '_'], "+"),
    ];
    near.into_iter().filter(|near| near != kid).map(Value::from).collect()
}

fn strangers(forge: &Forge) -> Vec<Value> {
    let mut kids: Vec<_> = (0..6).map(|_| json!(encode(forge.noise::<32>()))).collect();
    kids.extend([json!("A".repeat(43)), json!("-".repeat(43))]);
    kids
}

fn huge() -> Vec<Value> {
    [100, 1_000, 5_000, 100_000].map(|length| json!("k".repeat(length))).into()
}
