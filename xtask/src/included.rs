//! Pages that show a file of the repository as it is: what a reader copies is what the tests have run.
//!
//! A line `<!-- shows: PATH -->` stands before a block of code, and the block is the file.

use std::fs;

use anyhow::{Context, Result};

use crate::sh;

const DOCS: &str = "docs";
const MARK: &str = "<!-- shows: ";
const END: &str = " -->";
const FENCE: &str = "```";

/// Each page below docs/ that shows a file, and how it should read.
pub(crate) fn pages() -> Result<Vec<(String, String)>> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(sh::root().join(DOCS))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let page = fs::read_to_string(&path)?;
        if page.lines().any(|line| shown(line).is_some()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let wanted = filled(&page, |file| Ok(fs::read_to_string(sh::root().join(file))?));
            pages.push((format!("{DOCS}/{name}"), wanted.with_context(|| format!("{DOCS}/{name}"))?));
        }
    }
    pages.sort();
    Ok(pages)
}

/// The file that the block behind this line shows.
fn shown(line: &str) -> Option<&str> {
    line.strip_prefix(MARK)?.strip_suffix(END)
}

/// The page with every such block written anew.
fn filled(page: &str, read: impl Fn(&str) -> Result<String>) -> Result<String> {
    let mut wanted = String::with_capacity(page.len());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        wanted += &format!("{line}\n");
        let Some(file) = shown(line) else { continue };
        let fence = lines.next().filter(|fence| fence.starts_with(FENCE));
        let fence = fence.with_context(|| format!("no block of code behind the mark of {file}"))?;
        lines
            .by_ref()
            .find(|line| *line == FENCE)
            .with_context(|| format!("the block of {file} has no end"))?;
        let text = read(file).with_context(|| format!("cannot read {file}"))?;
        wanted += &format!("{fence}\n{}\n{FENCE}\n", text.trim_end());
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(page: &str) -> Result<String> {
        filled(page, |file| Ok(format!("the text of {file}\n")))
    }

    #[test]
    fn a_block_becomes_the_file() {
        let page = "# A\n<!-- shows: a.py -->\n```python\nold\nlines\n```\n\n```sh\nkept\n```\n";
        let wanted = "# A\n<!-- shows: a.py -->\n```python\nthe text of a.py\n```\n\n```sh\nkept\n```\n";
        assert_eq!(fill(page).unwrap(), wanted);
        assert_eq!(fill(wanted).unwrap(), wanted);
    }

    #[test]
    fn a_mark_without_a_whole_block_is_an_error() {
        assert!(fill("<!-- shows: a.py -->\ntext\n").is_err());
        assert!(fill("<!-- shows: a.py -->\n```python\nno end\n").is_err());
        assert!(filled("<!-- shows: a.py -->\n```\n```\n", |_| anyhow::bail!("no file")).is_err());
    }
}
