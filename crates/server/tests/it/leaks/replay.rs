//! Shows everything that rests in the database where credentials are shown: nothing of it is one.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::story::Story;
use super::world::World;
use crate::process::Server;

/// Where a credential is shown: its name, and how one is shown there.
type Door = (&'static str, fn(&Server, &str) -> u16);

const DOORS: &[Door] = &[
    ("an API key", |server, shown| server.get("/forward-auth", Some(("X-API-Key", shown))).status),
    ("a bearer token", |server, shown| {
        server.get("/forward-auth", Some(("Authorization", &format!("Bearer {shown}")))).status
    }),
    ("an admin key", |server, shown| {
        server.get("/admin/v1/accounts", Some(("Authorization", &format!("Bearer {shown}")))).status
    }),
    ("a login key", |server, shown| {
        let (key, secret) = shown.split_once(' ').unwrap_or((shown, shown));
        server.post("/api/v1/auth/login", &json!({"api_key": key, "api_secret": secret})).status
    }),
];

/// The forms in which somebody might try a cell.
fn tries(cell: &str) -> Vec<String> {
    let digits = cell.strip_prefix("\\x").unwrap_or(cell);
    let is_hex = digits.len().is_multiple_of(2) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut tries = vec![digits.to_owned()];
    if is_hex && digits.len() >= 16 {
        let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        let bytes: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
        tries.extend([URL_SAFE_NO_PAD.encode(&bytes), String::from_utf8_lossy(&bytes).into_owned()]);
    }
    // A moment or a count is none. What cannot stand in a header, or is too long for one, opens nothing.
    let is_number = |shown: &str| shown.len() < 20 && shown.bytes().all(|byte| byte.is_ascii_digit());
    let fits = |shown: &str| shown.len() <= 6_000 && shown.bytes().all(|byte| byte.is_ascii_graphic());
    tries.retain(|shown| !shown.is_empty() && fits(shown) && !is_number(shown));
    tries
}

/// Each distinct cell, in each form, at each door.
pub(super) fn shows_what_rests(world: &World, story: &mut Story<'_>, cells: &[(String, String)]) {
    // The doors open for what is genuine, so a refusal means something.
    let own = story.newcomer();
    let login = format!("{} {}", own.api_key, own.api_secret);
    for ((door, show), genuine) in DOORS.iter().zip([&own.api_key, &own.token, &world.admin_key, &login]) {
        assert_eq!(show(&world.server, genuine), 200, "{door} that is good");
    }
    let shown: BTreeSet<String> = cells.iter().flat_map(|(_, cell)| tries(cell)).collect();
    assert!(shown.len() > 300, "{}", shown.len());
    for shown in shown {
        for (door, show) in DOORS {
            let status = show(&world.server, &shown);
            assert!((400..500).contains(&status), "{shown} as {door}: {status}");
        }
    }
}
