//! `codegen`: files that are written by a program, so that they cannot disagree with the code.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::{example, included, sh};

/// Each generated file, and the example with its arguments that prints it.
const GENERATED: &[(&str, &str, &[&str])] = &[
    ("keyward.example.toml", "reference", &["toml"]),
    ("docs/configuration.md", "reference", &["markdown"]),
    ("docs/dialects.md", "dialects", &[]),
    ("docs/openapi.json", "openapi", &[]),
];

/// Writes the files, or with `check` fails naming each that is stale.
pub(crate) fn run(check: bool) -> Result<()> {
    example::build_all()?;
    let mut wanted = Vec::new();
    for (file, example, arguments) in GENERATED {
        wanted.push(((*file).to_owned(), sh::output(example::command(example)?.args(*arguments))?));
    }
    wanted.extend(included::pages()?);
    let mut stale = Vec::new();
    for (file, wanted) in wanted {
        let path = sh::root().join(&file);
        if fs::read_to_string(&path).is_ok_and(|present| present == wanted) {
            println!("{file}: up to date");
        } else if check {
            stale.push(file);
        } else {
            fs::write(&path, wanted).with_context(|| format!("cannot write {file}"))?;
            println!("{file}: written");
        }
    }
    ensure!(stale.is_empty(), "stale: {}; run `cargo xtask codegen`", stale.join(", "));
    Ok(())
}
