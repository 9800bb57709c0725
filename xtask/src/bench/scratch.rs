//! The directory that everything is in, gone at the end however the end comes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use anyhow::Result;

use crate::sh;

/// Removes a directory when its input ends, which it does when we do: also by Ctrl-C, or by a kill that nobody can
/// catch. What runs in the directory has been killed by then, or is about to be.
const JANITOR: &str = "trap '' INT TERM HUP; cat > /dev/null; sleep 0.2; rm -rf -- \"$0\"";

/// A directory below the build's own, on the same disk as a developer's data.
pub(super) struct Scratch {
    directory: PathBuf,
    janitor: Child,
}

impl Scratch {
    pub(super) fn make() -> Result<Self> {
        let directory = sh::target_dir()?.join(format!("bench-{}", std::process::id()));
        fs::create_dir_all(&directory)?;
        let mut janitor = sh::command("sh");
        let janitor = janitor.args(["-c", JANITOR]).arg(&directory).stdin(Stdio::piped()).spawn()?;
        Ok(Self { directory, janitor })
    }

    pub(super) fn path(&self) -> &Path {
        &self.directory
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.janitor.stdin.take());
        let _ = self.janitor.wait();
    }
}
