//! The examples of docs/verify-tokens.md as programs: what they need, built and installed, so that tests can run them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{env, example, sh};

/// Where tests find what runs the example in Python.
const PYTHON: &str = "KEYWARD_TEST_VERIFY_PYTHON";
/// Where tests find what runs the one in TypeScript.
const NODE: &str = "KEYWARD_TEST_VERIFY_NODE";
/// Where tests find that, compiled.
const SCRIPT: &str = "KEYWARD_TEST_VERIFY_SCRIPT";
/// Where tests find the one in Rust, compiled.
const BINARY: &str = "KEYWARD_TEST_VERIFY_BINARY";

/// What the one in Rust is called.
const EXAMPLE: &str = "verify-token";

const SOURCES: &str = "docs/examples/verify-tokens";
const TOOLS: &str = "target/tools/verify-tokens";

/// The variables that tell the tests.
pub(crate) fn variables() -> Result<[(&'static str, PathBuf); 4]> {
    Ok([(PYTHON, python()?), (NODE, node()?), (SCRIPT, script()?), (BINARY, binary()?)])
}

/// A virtual environment with exactly the versions of requirements.txt.
fn python() -> Result<PathBuf> {
    let (sources, venv) = (sh::root().join(SOURCES), sh::root().join(TOOLS).join("python"));
    let python = venv.join("bin/python");
    once(&venv, &[&sources.join("requirements.txt")], || {
        sh::run(sh::command("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
        let mut pip = sh::command(&python);
        pip.args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--requirement"]);
        sh::run(pip.arg(sources.join("requirements.txt")))
    })?;
    Ok(python)
}

fn node() -> Result<PathBuf> {
    let found = env::path().into_iter().map(|folder| folder.join("node")).find(|path| path.is_file());
    found.context("there is no node: `cargo xtask setup` installs it")
}

/// Compiled beside exactly the versions of package-lock.json.
fn script() -> Result<PathBuf> {
    const FILES: [&str; 4] = ["package.json", "package-lock.json", "tsconfig.json", "verify.ts"];
    let (sources, folder) = (sh::root().join(SOURCES), sh::root().join(TOOLS).join("typescript"));
    let files = FILES.map(|name| sources.join(name));
    once(&folder, &files.each_ref().map(PathBuf::as_path), || {
        fs::create_dir_all(&folder)?;
        for (name, file) in FILES.iter().zip(&files) {
            fs::copy(file, folder.join(name))?;
        }
        let npm = |arguments: &[&str]| sh::run(sh::command("npm").args(arguments).current_dir(&folder));
        let quietly = ["--loglevel=error", "--no-audit", "--no-fund", "--no-update-notifier"];
        npm(&[&["ci", "--ignore-scripts"], &quietly[..]].concat())?;
        npm(&[&["run", "build"], &quietly[..]].concat())
    })?;
    Ok(folder.join("verify.js"))
}

/// Cargo builds it with the tests, unless they are narrowed to one target of each package: hence [`build`].
fn binary() -> Result<PathBuf> {
    Ok(example::command(EXAMPLE)?.get_program().into())
}

/// Builds the example in Rust with the workspace's features, as its tests are built.
pub(crate) fn build() -> Result<()> {
    sh::run(sh::cargo().args(["build", "--workspace", "--locked", "--example", EXAMPLE]))
}

/// Does it if the files are others than those that it was done with.
fn once(folder: &Path, files: &[&Path], install: impl FnOnce() -> Result<()>) -> Result<()> {
    let mut wanted = String::new();
    for file in files {
        wanted += &fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    }
    let stamp = folder.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    install()?;
    Ok(fs::write(stamp, wanted)?)
}
