//! `codegen`: files that are written by a program, so that they cannot disagree with the code.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::{example, sh};

/// Each generated file, and the argument that makes the server's `reference` example print it.
const GENERATED: &[(&str, &str)] = &[("keyward.example.toml", "toml"), ("docs/configuration.md", "markdown")];

/// Writes the files, or with `check` fails naming each that is stale.
pub(crate) fn run(check: bool) -> Result<()> {
    example::build_all()?;
    let mut stale = Vec::new();
    for (file, format) in GENERATED {
        let wanted = reference(format)?;
        let path = sh::root().join(file);
        if fs::read_to_string(&path).is_ok_and(|present| present == wanted) {
            println!("{file}: up to date");
        } else if check {
            stale.push(*file);
        } else {
            fs::write(&path, wanted).with_context(|| format!("cannot write {file}"))?;
            println!("{file}: written");
        }
    }
    ensure!(stale.is_empty(), "stale: {}; run `cargo xtask codegen`", stale.join(", "));
    Ok(())
}

fn reference(format: &str) -> Result<String> {
    sh::output(example::command("reference")?.arg(format))
}
