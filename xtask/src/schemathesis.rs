//! `schemathesis`: a real server, on a scratch database, is asked what its own OpenAPI description allows and forbids.
//!
//! No answer may be a failure of the server, and each must be as the description says: status, headers, media type,
//! body. The cases are made from a fixed seed, so that a red run can be repeated.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use anyhow::{Context, Result};

use crate::sh;

/// Cases per operation, besides those at the edges of each schema, which are always there.
const FEW: &str = "20";
const MANY: &str = "400";
const SEED: &str = "20261127";

const FILES: &str = "xtask/schemathesis";

/// Runs it against the build that the tests use.
pub(crate) fn run(full: bool) -> Result<()> {
    let schemathesis = installed()?;
    sh::run(sh::cargo().args(["build", "--workspace", "--locked", "--bin", "keyward"]))?;
    let scratch = sh::target_dir()?.join("schemathesis");
    let data = scratch.join("data");
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    fs::create_dir_all(&scratch)?;
    let server = Server::start(&scratch, &data)?;
    let admin_key = fs::read_to_string(data.join("admin.key")).context("the server made no admin key")?;
    let files = sh::root().join(FILES);
    let asked = sh::run(
        sh::command(schemathesis)
            .arg("--config-file")
            .arg(files.join("schemathesis.toml"))
            .args(["run", "--no-color", "--seed", SEED])
            .args(["--max-examples", if full { MANY } else { FEW }])
            .arg(format!("{}/openapi.json", server.url))
            .current_dir(&scratch)
            .env("SCHEMATHESIS_HOOKS", files.join("hooks.py"))
            .env("KEYWARD_URL", &server.url)
            .env("KEYWARD_ADMIN_KEY", admin_key.trim()),
    );
    asked.with_context(|| format!("the server's log is {}", server.log.display()))
}

/// The program, in a virtual environment of its own with exactly the versions of requirements.txt.
fn installed() -> Result<PathBuf> {
    let requirements = sh::root().join(FILES).join("requirements.txt");
    let venv = sh::root().join("target/tools/schemathesis");
    let wanted = fs::read_to_string(&requirements)?;
    let stamp = venv.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(venv.join("bin/schemathesis"));
    }
    sh::run(sh::command("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    let mut pip = sh::command(venv.join("bin/python"));
    pip.args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--requirement"]);
    sh::run(pip.arg(&requirements))?;
    fs::write(&stamp, wanted)?;
    Ok(venv.join("bin/schemathesis"))
}

/// A running server; killed when dropped.
struct Server {
    child: Child,
    url: String,
    log: PathBuf,
}

impl Server {
    /// On a free port, without limits: they would answer in the place of what is asked.
    fn start(scratch: &Path, data: &Path) -> Result<Self> {
        let log = scratch.join("server.log");
        let mut child = sh::command(sh::target_dir()?.join("debug/keyward"))
            .arg("serve")
            .env("KEYWARD_DATA_DIR", data)
            .env("KEYWARD_LISTEN", "127.0.0.1:0")
            .env("KEYWARD_RATE_LIMITS", "off")
            .current_dir(scratch)
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .context("cannot start the server")?;
        let banner = BufReader::new(child.stdout.take().context("the server has no standard output")?);
        let mut server = Self { child, url: String::new(), log };
        for line in banner.lines() {
            if let Some(url) = line?.trim().strip_prefix("address") {
                url.trim().clone_into(&mut server.url);
                return Ok(server);
            }
        }
        Err(anyhow::anyhow!("the server did not start: see {}", server.log.display()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended by itself cannot be killed, and need not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
