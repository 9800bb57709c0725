//! J5 and J8: headers with more in them, in another spelling, or of another purpose. Even our own signature does not make
//! them good.

use serde_json::json;

use super::corpus::Class;
use super::forge::{Forge, encode, signed_by};
use super::unsigned::without;

pub(super) fn classes(forge: &Forge) -> Vec<Class> {
    let with = |members: Vec<serde_json::Value>| forge.with_headers(forge.heads(members));
    let typ = |typ: &str| json!({"typ": typ});
    vec![
        Class::invalid(
            "J5",
            "crit: an extension that nobody knows",
            with(vec![
                json!({"crit": ["http://example.com/x"], "http://example.com/x": true}),
                json!({"crit": ["x"], "x": null}),
                json!({"crit": ["x"]}),
            ]),
        ),
        Class::invalid(
            "J5",
            "crit: what is known anyway",
            with(vec![json!({"crit": ["exp"]}), json!({"crit": ["alg"]}), json!({"crit": ["kid", "typ"]})]),
        ),
        Class::invalid(
            "J5",
            "crit is empty or no list",
            with(vec![
                json!({"crit": []}),
                json!({"crit": null}),
                json!({"crit": "exp"}),
                json!({"crit": {}}),
                json!({"crit": [1]}),
            ]),
        ),
        Class::invalid("J5", "b64: a payload that is not encoded", unencoded(forge)),
        Class::invalid(
            "J5",
            "zip: a payload that is compressed",
            with(vec![json!({"zip": "DEF"}), json!({"zip": "GZ"}), json!({"zip": null})]),
        ),
        Class::invalid("J5", "cty: a token in the token", nested(forge)),
        Class::invalid(
            "J5",
            "a member that we do not write",
            with(vec![
                json!({"x": 1}),
                json!({"iss": "http://127.0.0.1:8080"}),
                json!({"epk": {}}),
                json!({"url": "http://127.0.0.1:8080"}),
                json!({"nonce": "AAAA"}),
                json!({"": ""}),
            ]),
        ),
        Class::invalid("J5", "a header in another spelling", spelled(forge)),
        Class::invalid("J5", "a member twice", twice(forge)),
        Class::invalid("J5", "a header that is no object", no_objects(forge)),
        Class::invalid(
            "J8",
            "a token of another type",
            with(
                [
                    "JWT",
                    "jwt",
                    "AT+JWT",
                    "at+JWT",
                    "application/at+jwt",
                    "portal+jwt",
                    "reset+jwt",
                    "dpop+jwt",
                    "at+jwt ",
                    "",
                ]
                .map(typ)
                .into(),
            ),
        ),
        Class::invalid(
            "J8",
            "a type that is no text",
            with(vec![json!({"typ": null}), json!({"typ": ["at+jwt"]}), json!({"typ": 1})]),
        ),
        Class::invalid("J8", "no type", forge.with_headers([without(forge, "typ")])),
    ]
}

/// RFC 7797: the payload stands in the token as it is.
fn unencoded(forge: &Forge) -> Vec<String> {
    let members = [json!({"b64": false}), json!({"b64": true}), json!({"b64": false, "crit": ["b64"]})];
    let mut tokens = forge.with_headers(forge.heads(members.clone()));
    let claims = forge.real[0].claims.to_string().replace('.', "%2e");
    let plain = forge.heads(members).into_iter().flat_map(|head| {
        let header = encode(head.to_string());
        [forge.own_signed(&header, &claims), signed_by(&forge.strangers, &header, &claims)]
    });
    tokens.extend(plain);
    tokens
}

fn nested(forge: &Forge) -> Vec<String> {
    let payload = encode(&forge.real[0].text);
    let heads = [json!({"cty": "JWT"}), json!({"cty": "jwt"}), json!({})];
    let each =
        forge.heads(heads).into_iter().map(|head| forge.own_signed(&encode(head.to_string()), &payload));
    each.collect()
}

/// Our own key signs each of these headers, with real claims.
fn signed_headers(forge: &Forge, headers: impl IntoIterator<Item = String>) -> Vec<String> {
    let payload = &forge.real[0].payload;
    headers.into_iter().map(|header| forge.own_signed(&encode(header), payload)).collect()
}

fn spelled(forge: &Forge) -> Vec<String> {
    let json = forge.own_head().to_string();
    let (alg, kid) = (forge.algorithm.as_str(), forge.own_head()["kid"].as_str().expect("a name").to_owned());
    let spelled = [
        json.replace(':', ": "),
        json.replace(',', ", "),
        json.replace(',', ",\n"),
        format!(" {json}"),
        format!("{json} "),
        format!("{json}\n"),
        format!("{json}\0"),
        format!("\u{feff}{json}"),
        format!("{json}{json}"),
        format!("{json}x"),
        json.replace("alg", "\\u0061lg"),
        json.replace("at+jwt", "at\\u002bjwt"),
        json.replace('}', ",}"),
        json.replace('"', "'"),
        json.replace("alg", "ALG"),
        json.replace("kid", "Kid"),
        format!(r#"{{"kid":"{kid}","alg":"{alg}","typ":"at+jwt"}}"#),
        format!(r#"{{"typ":"at+jwt","alg":"{alg}","kid":"{kid}"}}"#),
        format!(r#"{{"alg":"{alg}","kid":"{kid}","typ":"at+jwt"}}"#),
    ];
    assert!(spelled.iter().all(|other| *other != json));
    signed_headers(forge, spelled)
}

fn twice(forge: &Forge) -> Vec<String> {
    let json = forge.own_head().to_string();
    let doubled =
        forge.own_head().as_object().expect("a header").clone().into_iter().flat_map(|(name, value)| {
            let twins = [value, json!("none"), json!(null), json!("")];
            twins.map(|twin| {
                let member = format!("{}:{twin}", json!(name));
                [json.replacen('{', &format!("{{{member},"), 1), json.replace('}', &format!(",{member}}}"))]
            })
        });
    signed_headers(forge, doubled.flatten())
}

fn no_objects(forge: &Forge) -> Vec<String> {
    let head = forge.own_head();
    let values: Vec<_> = head.as_object().expect("a header").values().cloned().collect();
    let deep = format!("{}{}", "[".repeat(2_000), "]".repeat(2_000));
    let others = [json!(values).to_string(), json!([head]).to_string(), json!(head.to_string()).to_string()];
    let odd = ["", "{}", "[]", "null", "true", "0", "\"\"", "{", "}"].map(str::to_owned);
    signed_headers(forge, others.into_iter().chain(odd).chain([deep]))
}
