//! Tokens in the hands of other programs: the examples of docs/verify-tokens.md, as they are printed there, on a Python,
//! a JavaScript and a Rust library that are none of ours.

mod examples;
mod key_set;
mod wire;

use std::fs;
use std::thread;

use keyward_domain::tokens::SigningAlgorithm;
use serde_json::json;

use self::examples::{EXAMPLES, Example};
use self::key_set::KeySet;
use crate::process::{Place, Server};

/// A server that signs with this algorithm, and a token of an account that it knows.
fn server(algorithm: SigningAlgorithm) -> (Place, Server, String, String) {
    let place = Place::new();
    let toml = format!("[dialects.tradeready]\nalgorithm = \"{algorithm}\"\n");
    fs::write(place.directory.path().join("keyward.toml"), toml).unwrap();
    let server = place.serve();
    let registered = server.post("/tradeready/api/v1/auth/register", &json!({"display_name": "Alpha"})).json;
    let login = json!({"api_key": registered["api_key"], "api_secret": registered["api_secret"]});
    let token =
        server.post("/tradeready/api/v1/auth/login", &login).json["token"].as_str().unwrap().to_owned();
    let account = registered["account_id"].as_str().unwrap().to_owned();
    (place, server, token, account)
}

fn are_told_whose_a_token_is(algorithm: SigningAlgorithm) {
    let (_place, server, token, account) = server(algorithm);
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert_eq!(format!("{:?}", header.alg), algorithm.as_str());
    let (rest, last) = token.split_at(token.len() - 10);
    let changed = format!("{rest}{}", last.chars().rev().collect::<String>());
    for example in EXAMPLES {
        assert_eq!(example.run(&server.url, &token), Ok(account.clone()), "{}", example.name);
        assert!(example.run(&server.url, &changed).is_err(), "{}", example.name);
        // The same server by another name: its tokens are not for that one.
        let elsewhere = server.url.replace("127.0.0.1", "localhost");
        assert!(example.run(&elsewhere, &token).is_err(), "{}", example.name);
    }
}

#[test]
fn other_libraries_take_the_eddsa_tokens_of_a_running_server() {
    are_told_whose_a_token_is(SigningAlgorithm::EdDsa);
}

#[test]
fn other_libraries_take_the_es256_tokens_of_a_running_server() {
    are_told_whose_a_token_is(SigningAlgorithm::Es256);
}

#[test]
fn other_libraries_take_the_rs256_tokens_of_a_running_server() {
    are_told_whose_a_token_is(SigningAlgorithm::Rs256);
}

/// The examples are copied: whoever does so must not let through what Keyward itself refuses.
#[test]
fn threat_j1_to_j8_the_examples_refuse_what_is_forged_over_or_for_others() {
    let keys = KeySet::serve();
    let refused = keys.bad_tokens();
    thread::scope(|scope| {
        for example in EXAMPLES {
            let (keys, refused) = (&keys, &refused);
            scope.spawn(move || check(example, keys, refused));
        }
    });
}

fn check(example: &Example, keys: &KeySet, refused: &[(&str, String)]) {
    for algorithm in SigningAlgorithm::ALL {
        let good = keys.good_token(*algorithm);
        assert_eq!(
            example.run(&keys.url, &good),
            Ok("the-account".to_owned()),
            "{} {algorithm}",
            example.name
        );
    }
    for (what, token) in refused {
        assert!(example.run(&keys.url, token).is_err(), "{} takes a token: {what}", example.name);
    }
}
