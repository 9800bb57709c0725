//! What the tests in a browser need: Chromium, by the system's packages, and axe-core, which looks for barriers.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{env, sh};

/// What Debian calls it.
pub(crate) const PACKAGE: &str = "chromium";

/// Works if there is one: Chromium, or what is made of it.
pub(crate) const PROBE: &[&str] = &["sh", "-c", "command -v chromium || command -v google-chrome"];

/// What the program is called.
const NAMES: [&str; 2] = ["chromium", "google-chrome"];

/// Where tests find Chromium.
const CHROMIUM: &str = "KEYWARD_TEST_CHROMIUM";
/// Where tests find axe-core, a script.
const AXE: &str = "KEYWARD_TEST_AXE";

/// A package that ships the script. What else it is, or needs, is not used.
const AXE_PACKAGE: &str = "axe-playwright-python";
const AXE_SCRIPT: &str = "axe_playwright_python/axe.min.js";

/// The variables that tell the tests.
pub(crate) fn variables() -> Result<[(&'static str, PathBuf); 2]> {
    Ok([(CHROMIUM, chromium()?), (AXE, axe()?)])
}

fn chromium() -> Result<PathBuf> {
    let named =
        |name: &str| env::path().into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    let found = NAMES.into_iter().find_map(named);
    found.context("there is no chromium: `cargo xtask setup` installs it")
}

/// The script, as the version of requirements.txt has it, unpacked beside the build.
fn axe() -> Result<PathBuf> {
    let requirements = sh::root().join("xtask/browser/requirements.txt");
    let wanted = fs::read_to_string(&requirements)?;
    let folder = sh::root().join("target/tools/axe");
    let (script, stamp) = (folder.join(AXE_SCRIPT), folder.join("installed.txt"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) && script.is_file() {
        return Ok(script);
    }
    let venv = folder.join("venv");
    sh::run(sh::command("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    let mut pip = sh::command(venv.join("bin/python"));
    pip.args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--upgrade"]);
    sh::run(pip.arg("--target").arg(&folder).arg("--requirement").arg(&requirements))
        .with_context(|| format!("{AXE_PACKAGE} cannot be installed"))?;
    fs::write(&stamp, wanted)?;
    Ok(script)
}
