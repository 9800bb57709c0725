//! `tidy`: the rules of the house that no other tool knows. A rule that no program checks is a wish.
//!
//! Each file beside this one is a group of rules: a pure function from what it reads to violations.

use anyhow::{Result, bail};

use crate::sh;

pub(crate) mod code;
mod dialects;
mod edges;
mod file;
mod layout;
mod lines;
mod machine;
mod manifests;
mod migrations;

use file::Violation;
pub(crate) use file::{File, files};

/// Prints every violation, not only the first.
pub(crate) fn run() -> Result<()> {
    let files = files()?;
    let metadata = sh::output(sh::cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;

    let mut violations = edges::check(&serde_json::from_str(&metadata)?);
    violations.extend(migrations::check(&files));
    violations.extend(dialects::check_folders(&files));
    for file in &files {
        violations.extend(manifests::check(file));
        violations.extend(layout::check(file));
        violations.extend(lines::check(file));
        violations.extend(dialects::check(file, &files));
        violations.extend(machine::check(file));
    }
    violations.iter().for_each(|violation| println!("{violation}"));
    if !violations.is_empty() {
        bail!("{} violations of the rules of the house", violations.len());
    }
    println!("tidy: {} files, no violation", files.len());
    Ok(())
}
