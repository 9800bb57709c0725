//! The README's first key, pasted as it is printed.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::process::Place;

/// The first block of shell in the README.
fn walk() -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let text = fs::read_to_string(readme).expect("the README");
    let (_, rest) = text.split_once("```bash\n").expect("a block of shell");
    let (block, _) = rest.split_once("```").expect("an end of the block");
    block.to_owned()
}

#[test]
fn the_first_key_of_the_readme_works_as_printed() {
    let walk = walk();
    let printed = "base=http://127.0.0.1:8080\n";
    assert!(walk.contains(printed), "the walk begins with the default address");
    let place = Place::new().with("KEYWARD_RATE_LIMITS", "on");
    let server = place.serve();
    let here = walk.replace(printed, &format!("base={}\n", server.url));
    let output = Command::new("bash").args(["-euo", "pipefail", "-c", &here]).output().expect("bash");
    let printed = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));

    let mut lines = printed.lines();
    let registered: Value = serde_json::from_str(lines.next().expect("a registration")).expect("JSON");
    let token = lines.next().expect("a token");
    assert_eq!(token.split('.').count(), 3, "{token}");
    for _ in 0..2 {
        let info: Value = serde_json::from_str(lines.next().expect("an account")).expect("JSON");
        assert_eq!(info["account_id"], registered["account_id"]);
    }
    let forward_auth: Vec<&str> = lines.collect();
    assert_eq!(forward_auth.first(), Some(&"HTTP/1.1 200 OK"));
    let account = format!("x-keyward-account-id: {}", registered["account_id"].as_str().expect("an id"));
    assert!(forward_auth.contains(&account.as_str()), "{forward_auth:?}");
}
