//! The example programs.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program that reads a token from standard input.
pub(super) struct Example {
    pub(super) name: &'static str,
    /// The variable by which `cargo xtask test` tells the program.
    program: &'static str,
    /// What that program runs, if it is not the example itself.
    script: Option<Script>,
}

enum Script {
    /// In the repository.
    Here(&'static str),
    /// Where this variable says.
    Told(&'static str),
}

impl Script {
    fn path(&self) -> PathBuf {
        match self {
            Self::Here(path) => Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path),
            Self::Told(variable) => told(variable).into(),
        }
    }
}

pub(super) const EXAMPLES: &[Example] = &[
    Example {
        name: "Python",
        program: "KEYWARD_TEST_VERIFY_PYTHON",
        script: Some(Script::Here("docs/examples/verify-tokens/verify.py")),
    },
    Example {
        name: "TypeScript",
        program: "KEYWARD_TEST_VERIFY_NODE",
        script: Some(Script::Told("KEYWARD_TEST_VERIFY_SCRIPT")),
    },
    Example { name: "Rust", program: "KEYWARD_TEST_VERIFY_BINARY", script: None },
];

impl Example {
    /// What it prints of a token that it takes, or what it says of one that it refuses. Panics if it does neither.
    pub(super) fn run(&self, server: &str, token: &str) -> Result<String, String> {
        let script = self.script.as_ref().map(Script::path);
        let mut command = Command::new(told(self.program));
        let command = command.args(script).env_clear().env("KEYWARD_URL", server);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("an example that runs");
        writeln!(child.stdin.take().expect("a pipe"), "{token}").expect("a program that reads");
        let output = child.wait_with_output().expect("an end");
        let [printed, said] =
            [output.stdout, output.stderr].map(|text| String::from_utf8(text).expect("text"));
        match output.status.code() {
            Some(0) => Ok(printed.trim().to_owned()),
            Some(1) if printed.is_empty() && !said.is_empty() => Err(said),
            code => panic!("{} ends with {code:?}, prints {printed:?} and says {said:?}", self.name),
        }
    }
}

/// The value of a variable that `cargo xtask test` sets. Panics without it: a test that is skipped proves nothing.
#[allow(clippy::disallowed_methods, reason = "where programs are can only come from the environment")]
fn told(name: &str) -> OsString {
    std::env::var_os(name)
        .unwrap_or_else(|| panic!("{name} is not set: run the tests with `cargo xtask test`"))
}
