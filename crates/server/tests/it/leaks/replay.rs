//! Shows everything that rests in the database where credentials are shown: nothing of it is one.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::portal::SESSION;
use super::story::{Own, Story};
use super::wire::Ask;
use super::world::World;
use crate::process::Server;

/// Where a credential is shown.
struct Door {
    name: &'static str,
    /// One that opens it.
    genuine: fn(&mut Story<'_>, &World, &Own) -> String,
    /// Shows one there; says how it was answered.
    show: fn(&Server, &str) -> u16,
}

/// A reset ends everything else, so its door is the last.
const DOORS: &[Door] = &[
    Door {
        name: "an API key",
        genuine: |_, _, own| own.api_key.clone(),
        show: |server, shown| server.get("/forward-auth", Some(("X-API-Key", shown))).status,
    },
    Door {
        name: "a bearer token",
        genuine: |_, _, own| own.token.clone(),
        show: |server, shown| {
            server.get("/forward-auth", Some(("Authorization", &format!("Bearer {shown}")))).status
        },
    },
    Door {
        name: "an admin key",
        genuine: |_, world, _| world.admin_key.clone(),
        show: |server, shown| {
            server.get("/admin/v1/accounts", Some(("Authorization", &format!("Bearer {shown}")))).status
        },
    },
    Door {
        name: "a login key",
        genuine: |_, _, own| format!("{} {}", own.api_key, own.api_secret),
        show: |server, shown| {
            let (key, secret) = shown.split_once(' ').unwrap_or((shown, shown));
            server.post("/api/v1/auth/login", &json!({"api_key": key, "api_secret": secret})).status
        },
    },
    Door {
        name: "a key that is exchanged",
        genuine: |_, _, own| own.api_key.clone(),
        show: |server, shown| {
            let ask = Ask::new("POST", "/v0/auth/token").bearing(shown);
            ask.send(server.url.trim_start_matches("http://")).status
        },
    },
    Door {
        name: "a browser's session",
        genuine: |story, _, own| story.session(own),
        show: |server, shown| {
            let host = server.url.trim_start_matches("http://");
            let ask = Ask::new("GET", "/dashboard").with("Host", host);
            ask.with("Cookie", &format!("{SESSION}{shown}")).send(host).status
        },
    },
    Door {
        name: "a token that verifies an address",
        genuine: |_, _, own| own.mailed.clone(),
        show: |server, shown| server.post("/api/v1/auth/verify-email", &json!({"token": shown})).status,
    },
    Door {
        name: "a token that resets a password",
        genuine: |story, _, own| story.forget(own),
        show: |server, shown| {
            let reset = json!({"token": shown, "new_password": CHOSEN});
            server.post("/api/v1/auth/reset-password", &reset).status
        },
    },
];

/// What a thief would choose.
const CHOSEN: &str = "chosen-by-a-thief-Wb5Kx";

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
    for Door { name, genuine, show } in DOORS {
        let genuine = genuine(story, world, &own);
        assert_eq!(show(&world.server, &genuine), 200, "{name} that is good");
    }
    let shown: BTreeSet<String> = cells.iter().flat_map(|(_, cell)| tries(cell)).collect();
    assert!(shown.len() > 300, "{}", shown.len());
    for shown in shown {
        for Door { name, show, .. } in DOORS {
            let status = show(&world.server, &shown);
            // A browser is led to the login.
            assert!((400..500).contains(&status) || status == 303, "{shown} as {name}: {status}");
        }
    }
}
