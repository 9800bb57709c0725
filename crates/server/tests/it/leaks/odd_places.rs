//! Secrets where nobody expects them: what a confused client, or one that tests us, might send.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::story::{Own, Route};
use super::wire::Ask;
use super::world::World;

/// Members that some route reads.
const MEMBERS: &[&str] = &[
    "api_key",
    "api_secret",
    "email",
    "password",
    "new_password",
    "token",
    "display_name",
    "plan",
    "dialect",
    "starting_balance",
    "max_open_orders",
    "name",
    "username",
    "label",
    "scopes",
    "purpose",
    "grace_seconds",
];

/// Requests to the route, each with the place in which it has a secret. The kinds of secrets take turns from route to
/// route, so that each is in each place at some of them; with `KEYWARD_LEAKS=all` it is at all of them.
pub(super) fn asks(world: &World, route: &Route, target: &str, own: &Own, turn: usize) -> Vec<(String, Ask)> {
    let credential = if route.path.starts_with("/admin/") { &world.admin_key } else { &own.token };
    let secrets = [&own.password, &own.api_key, &own.token, &own.mailed, &world.admin_key];
    let kinds = secrets.len();
    let all = are_all_asked_for();
    let is_due = |number: usize| all || number == turn % kinds;
    let mut asks = Vec::new();
    let mut add = |place: String, ask: Ask| asks.push((place, ask));
    for (number, secret) in secrets.into_iter().enumerate().filter(|(number, _)| is_due(*number)) {
        let (method, good) = (route.method.as_str(), Ask::new(&route.method, target).bearing(credential));
        let bare = Ask::new(method, target);
        add(format!("{number} as key"), bare.clone().with("X-API-Key", secret));
        add(format!("{number} as token"), bare.clone().bearing(secret));
        add(format!("{number} as almost a key"), bare.clone().with("X-API-Key", &secret[1..]));
        add(format!("{number} as basic credentials"), {
            bare.clone().with("Authorization", &format!("Basic {}", STANDARD.encode(format!("me:{secret}"))))
        });
        add(format!("{number} as a scheme"), bare.clone().with("Authorization", secret));
        add(format!("{number} as cookie"), bare.clone().with("Cookie", &format!("session={secret}")));
        for header in [
            "X-Agent-Id",
            "User-Agent",
            "Host",
            "X-Request-Id",
            "Accept",
            "X-Forwarded-For",
            "Referer",
            "Idempotency-Key",
        ] {
            add(format!("{number} in {header}"), good.clone().with(header, secret));
        }
        add(format!("{number} as the name of a header"), good.clone().with(secret, "1"));
        add(format!("{number} as method"), Ask { method: secret.to_owned(), ..good.clone() });
        add(format!("{number} in the query"), {
            Ask {
                target: format!("{target}?token={secret}&{secret}=1&cursor={secret}&limit={secret}"),
                ..good.clone()
            }
        });
        add(
            format!("{number} behind the path"),
            Ask { target: format!("{target}/{secret}"), ..good.clone() },
        );
        let replaced = target.rsplit_once('/').map(|(folder, _)| format!("{folder}/{secret}"));
        add(format!("{number} in the path"), Ask { target: replaced.expect("a path"), ..good.clone() });
        add(
            format!("{number} as host of the target"),
            Ask { target: format!("http://{secret}{target}"), ..good.clone() },
        );
        add(format!("{number} as kind of a body"), good.clone().body(secret, "{}"));
        for (what, body) in bodies(secret) {
            add(format!("{number} in a body: {what}"), good.clone().body("application/json", body));
        }
        add(format!("{number} in a body of text"), good.clone().body("text/plain", secret.as_str()));
        let form = format!("password={secret}&api_key={secret}");
        add(format!("{number} in a form"), good.clone().body("application/x-www-form-urlencoded", form));
        add(format!("{number} in a body that is too large"), {
            good.clone().body(
                "application/json",
                format!("{{\"password\":\"{}\"}}", secret.repeat(70_000 / secret.len())),
            )
        });
    }
    asks
}

#[allow(clippy::disallowed_methods, reason = "the full number is asked for from outside")]
fn are_all_asked_for() -> bool {
    std::env::var("KEYWARD_LEAKS").is_ok_and(|which| which == "all")
}

fn bodies(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let wrong: serde_json::Map<_, _> =
        MEMBERS.iter().map(|member| ((*member).to_owned(), json!([secret]))).collect();
    let nested: serde_json::Map<_, _> =
        MEMBERS.iter().map(|member| ((*member).to_owned(), json!({ secret: secret }))).collect();
    vec![
        ("wrong types", json!(wrong).to_string().into_bytes()),
        ("wrong types, nested", json!(nested).to_string().into_bytes()),
        ("a member's name", json!({ secret: 1 }).to_string().into_bytes()),
        ("twice", format!("{{\"password\":\"{secret}\",\"password\":\"{secret}\",\"api_key\":\"{secret}\",\"api_key\":1}}").into_bytes()),
        ("a name twice", format!("{{\"{secret}\":1,\"{secret}\":2}}").into_bytes()),
        ("an address", json!({"email": secret, "password": secret, "display_name": 1}).to_string().into_bytes()),
        ("somebody who forgot", json!({"username": secret}).to_string().into_bytes()),
        ("an address of a domain", json!({"email": format!("me@{secret}"), "password": "x"}).to_string().into_bytes()),
        ("a text", format!("\"{secret}\"").into_bytes()),
        ("no JSON", secret.as_bytes().to_vec()),
        ("cut off", format!("{{\"password\":\"{secret}").into_bytes()),
        ("bytes that are no text", [b"{\"password\":\"", secret.as_bytes(), b"\xff\xfe\"}"].concat()),
        ("deep", format!("{}\"{secret}\"{}", "[".repeat(200), "]".repeat(200)).into_bytes()),
    ]
}
