//! J10: tokens that are whole and in time, and whose account, key or agent is not as they say. Only who has our key can
//! make one: what a token is stamped by is looked up for each request all the same.

use serde_json::{Value, json};

use super::corpus::Class;
use super::families::Reason;
use super::forge::{Forge, object};

const NOBODY: &str = "01980000-0000-7000-8000-000000000000";

pub(super) fn classes(forge: &Forge) -> Vec<Class> {
    let signed = |claims: Vec<Value>| claims.iter().map(|claims| forge.own(claims)).collect::<Vec<_>>();
    let (revoked, unknown) = (Reason::TokenRevoked, Reason::UnknownTenant);
    vec![
        Class::of("J10", "of another epoch of its account", revoked, signed(other(forge, "account_epoch"))),
        Class::of("J10", "of another generation of its key", revoked, signed(other(forge, "key_generation"))),
        Class::of(
            "J10",
            "of a key that there is not",
            revoked,
            signed(with(forge, &[("key_id", json!(NOBODY))])),
        ),
        Class::of("J10", "of an agent that there is not", revoked, signed(of_no_agent(forge))),
        Class::of("J10", "of an account that there is not", unknown, signed(of_nobody(forge))),
    ]
}

fn with(forge: &Forge, changes: &[(&str, Value)]) -> Vec<Value> {
    let mut claims = forge.real[0].claims.clone();
    for (claim, value) in changes {
        claims[*claim] = value.clone();
    }
    vec![claims]
}

/// Later ones too: only another server of ours could have issued them, and there is none.
fn other(forge: &Forge, number: &str) -> Vec<Value> {
    let own = forge.real[0].claims[number].as_u64().expect("a number");
    let others = [0, 1, 2, 7, 4_294_967_295].into_iter().filter(|other| *other != own);
    others.flat_map(|other| with(forge, &[(number, json!(other))])).collect()
}

fn of_no_agent(forge: &Forge) -> Vec<Value> {
    [0, 1, 9]
        .into_iter()
        .flat_map(|epoch| with(forge, &[("agent_id", json!(NOBODY)), ("agent_epoch", json!(epoch))]))
        .collect()
}

/// With and without a key.
fn of_nobody(forge: &Forge) -> Vec<Value> {
    let mut nobody = with(forge, &[("sub", json!(NOBODY)), ("account_id", json!(NOBODY))]);
    let mut keyless = nobody[0].clone();
    object(&mut keyless).retain(|claim, _| !claim.starts_with("key_"));
    nobody.push(keyless);
    nobody
}
