//! What tidy's rules read, and what they answer.

use std::fmt;
use std::fs;

use anyhow::Result;

use crate::sh;

/// A text file of the repository.
pub(crate) struct File {
    /// From the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// Every text file that is tracked, or would be if it were added.
pub(crate) fn files() -> Result<Vec<File>> {
    let list = sh::output(sh::command("git").args(["ls-files", "-z", "-co", "--exclude-standard"]))?;
    let paths = list.split_terminator('\0');
    // What is not UTF-8 is no text, and what git tracks may be deleted in the work tree.
    let read = |path: &str| fs::read_to_string(sh::root().join(path)).ok();
    Ok(paths.filter_map(|path| Some(File { path: path.to_owned(), text: read(path)? })).collect())
}

/// A rule that is broken, and where.
#[derive(Debug)]
pub(crate) struct Violation {
    pub(super) place: String,
    message: String,
}

impl Violation {
    pub(super) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }

    /// Lines count from one.
    pub(super) fn at(file: &File, line: usize, message: impl Into<String>) -> Self {
        Self::new(format!("{}:{line}", file.path), message)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}
