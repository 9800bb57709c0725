//! Writes what was measured into the documentation, so that the page holds what a run has printed, to the digit.

use std::fs;

use anyhow::{Context, Result};

use super::plot;
use super::report::Report;
use crate::sh;

const PAGE: &str = "docs/performance.md";
const PICTURE: &str = "docs/performance.svg";
/// What stands before and behind the part that is written.
const BEGIN: &str = "<!-- written by `cargo xtask bench --docs` -->";
const END: &str = "<!-- until here -->";

/// Puts the table into its place on the page, and the picture beside the page.
pub(super) fn write(report: &Report) -> Result<()> {
    let page = sh::root().join(PAGE);
    let text = fs::read_to_string(&page)?;
    let table = format!("{}\n![Ratios to the yardsticks](performance.svg)\n", report.markdown());
    let text = replaced(&text, &table).with_context(|| format!("{PAGE} has no place for a table"))?;
    fs::write(page, text)?;
    fs::write(sh::root().join(PICTURE), plot::svg(report))?;
    println!("wrote {PAGE} and {PICTURE}");
    Ok(())
}

/// The text with another table between its marks.
fn replaced(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, behind) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{table}\n{END}{behind}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_is_replaced() {
        let text = format!("a\n{BEGIN}\nold\n{END}\nb\n");
        let expected = format!("a\n{BEGIN}\n\nnew\n\n{END}\nb\n");
        assert_eq!(replaced(&text, "new\n").unwrap(), expected);
        assert_eq!(replaced(&expected, "new\n").unwrap(), expected);
        assert!(replaced("no marks", "new").is_none());
    }
}
