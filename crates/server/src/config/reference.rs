//! The configuration described: an example file and a page of documentation, made from the list of settings.

use std::fmt::Write;

use super::settings::{self, Setting};

/// `keyward.example.toml`: every setting with its default, commented out.
pub fn toml_example() -> String {
    let mut text = String::from(
        "# Every setting of Keyward with its default. Copy to keyward.toml and uncomment what you change.\n\
         # A variable of the environment wins over this file. Secrets are better kept out of it: use the\n\
         # variables that end in _FILE.\n# Generated from the configuration's own list: do not edit.\n",
    );
    let mut current = String::new();
    for setting in settings::all() {
        let (table, name) = setting.key.rsplit_once('.').unwrap_or(("", setting.key));
        if table != current {
            let _ = write!(text, "\n[{table}]\n");
            current = table.to_owned();
        }
        let _ = write!(text, "\n# {}\n", setting.meaning);
        if let Some(variable) = setting.variable {
            let _ = writeln!(
                text,
                "# Environment: {variable}{}",
                if setting.has_file_form { ", or …_FILE" } else { "" }
            );
        }
        if !setting.default_note.is_empty() {
            let _ = writeln!(text, "# Default: {}.", setting.default_note);
        }
        let _ = writeln!(text, "# {name} = {}", value(&setting));
    }
    text.push_str(
        "\n# Hosts whose root is one dialect alone.\n[dialects.hosts]\n# \"api.example.com\" = \"tradeready\"\n",
    );
    text
}

/// `docs/configuration.md`: the same as a table.
pub fn markdown() -> String {
    let mut text = String::from(
        "# Configuration\n\nDefaults, then `keyward.toml` (or `--config FILE`), then the environment. A bad value stops the \
         start with one line that names it; a secret is never printed. A variable whose name ends in `_KEY` or `_SECRET` \
         also has a form that ends in `_FILE` and names a file with mode 0600 or 0400 that holds the value.\n\n\
         This page is generated from the configuration's own list; `cargo xtask codegen` writes it.\n\n\
         | key in `keyward.toml` | variable | default | meaning |\n|---|---|---|---|\n",
    );
    for setting in settings::all() {
        let variable = match (setting.variable, setting.has_file_form) {
            (Some(variable), true) => format!("`{variable}`, `{variable}_FILE`"),
            (Some(variable), false) => format!("`{variable}`"),
            (None, _) => "–".to_owned(),
        };
        let default =
            setting.default.map_or(setting.default_note.to_owned(), |default| format!("`{default}`"));
        let _ = writeln!(text, "| `{}` | {variable} | {default} | {} |", setting.key, setting.meaning);
    }
    text.push_str(
        "| `dialects.hosts.\"HOST\"` | – | none | Makes the root of that host one dialect alone, such as `\"api.example.com\" \
         = \"tradeready\"`. |\n",
    );
    text
}

fn value(setting: &Setting) -> String {
    let default = setting.default.unwrap_or_default();
    match default.parse::<u32>() {
        Ok(number) => number.to_string(),
        Err(_) if setting.key.ends_with(".enabled") => {
            let items: Vec<String> = default.split(", ").map(|item| format!("{item:?}")).collect();
            format!("[{}]", items.join(", "))
        }
        Err(_) => format!("{default:?}"),
    }
}
