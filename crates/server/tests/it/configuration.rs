//! The generated reference tells the truth.

use std::fs;

use crate::process::Place;

#[test]
fn the_example_file_uncommented_is_the_default_configuration() {
    let example = keyward_server::config::toml_example();
    let is_setting = |line: &&str| {
        let Some(rest) = line.strip_prefix("# ") else { return line.starts_with('[') };
        rest.split_once(" = ").is_some_and(|(key, value)| {
            !key.contains(' ') && !value.is_empty() && value != "\"\"" && !key.starts_with('"')
        })
    };
    let uncommented: Vec<&str> =
        example.lines().filter(is_setting).map(|line| line.strip_prefix("# ").unwrap_or(line)).collect();
    assert!(uncommented.len() > 20, "{uncommented:?}");
    let place = Place::new();
    fs::write(place.directory.path().join("keyward.toml"), uncommented.join("\n")).unwrap();
    assert_eq!(place.serve().get("/ready", None).status, 200);
}

#[test]
fn an_environment_variable_wins_over_the_file_and_a_switch_may_be_a_boolean() {
    let place = Place::new();
    let toml = "listen = \"203.0.113.1:1\"\ninsecure_http = true\npublic_url = \"http://keys.example.com\"\n";
    fs::write(place.directory.path().join("keyward.toml"), toml).unwrap();
    assert!(place.serve().banner.contains("http://keys.example.com"));
}
