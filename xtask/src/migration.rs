//! `db new`: the same migration in both trees, so that neither is forgotten.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::sh;

/// Makes `up.sql` and `down.sql` for both databases under one name.
pub(crate) fn create(name: &str) -> Result<()> {
    ensure!(is_good(name), "`{name}` is no good name: lower-case words, joined by underscores");
    let version = sh::output(sh::command("date").args(["-u", "+%Y-%m-%d-%H%M%S"]))?;
    for database in ["sqlite", "postgres"] {
        let directory = format!("migrations/{database}/{}_{name}", version.trim());
        fs::create_dir_all(sh::root().join(&directory))
            .with_context(|| format!("cannot make {directory}"))?;
        for (file, header) in [("up.sql", "does"), ("down.sql", "undoes")] {
            let text =
                format!("-- What `{name}` {header}, and why the release before it can run beside it.\n");
            fs::write(sh::root().join(&directory).join(file), text)?;
            println!("{directory}/{file}");
        }
    }
    Ok(())
}

fn is_good(name: &str) -> bool {
    name.split('_').all(|word| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_lower_case_words() {
        assert!(is_good("api_keys") && is_good("v2"));
        assert!(!is_good("") && !is_good("_keys") && !is_good("ApiKeys") && !is_good("../keys"));
    }
}
