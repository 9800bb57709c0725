//! `setup`: installs what a bare Debian with Rust and build-essential lacks; does nothing where all is there.

use anyhow::{Context, Result};

use crate::{apt, browser, postgres, redis, sh};

/// A command that works only if the package is installed, and the package.
const NEEDED: &[(&[&str], &str)] = &[
    (&["git", "--version"], "git"),
    (&["cc", "--version"], "build-essential"),
    (&["make", "--version"], "build-essential"),
    // OpenSSL, behind PostgreSQL's client library, is configured by a Perl program.
    (&["perl", "-MIPC::Cmd", "-MFindBin", "-e", "1"], "perl"),
    // A mail server that is not ours, for a test that hands it a mail. It belongs to Debian's own Python.
    (&["/usr/bin/python3", "-c", "import aiosmtpd"], "python3-aiosmtpd"),
    (&["redis-server", "--version"], redis::PACKAGE),
    // The portal is tested in a browser.
    (browser::PROBE, browser::PACKAGE),
    // Schemathesis, which asks the server what its description allows, is a Python program, as is an example of how
    // tokens are verified.
    (&["python3", "-c", "import ensurepip, venv"], "python3-venv"),
    // Another such example is in TypeScript.
    (&["node", "--version"], "nodejs"),
    (&["npm", "--version"], "npm"),
    // Tests of several servers drop packets between them. Only root has these programs on its path.
    (&["sh", "-c", "PATH=$PATH:/usr/sbin ip -Version"], "iproute2"),
    (&["sh", "-c", "PATH=$PATH:/usr/sbin iptables --version"], "iptables"),
];

/// Probes for each tool and installs the missing ones.
pub(crate) fn run() -> Result<()> {
    let mut missing: Vec<&str> =
        NEEDED.iter().filter(|(probe, _)| !works(probe)).map(|(_, package)| *package).collect();
    if postgres::Binaries::find().is_none() {
        missing.push(postgres::PACKAGE);
    }
    missing.dedup();
    if missing.is_empty() {
        println!("system packages: all there");
    }
    apt::install(&missing)?;
    component("rustfmt", "fmt")?;
    component("clippy", "clippy")
}

/// rustup's minimal profile comes without them.
fn component(name: &str, subcommand: &str) -> Result<()> {
    if sh::succeeds(sh::cargo().args([subcommand, "--version"])) {
        return Ok(());
    }
    sh::run(sh::command("rustup").args(["component", "add", name]))
        .with_context(|| format!("this Rust toolchain lacks {name}"))
}

fn works(probe: &[&str]) -> bool {
    probe.split_first().is_some_and(|(program, args)| sh::succeeds(sh::command(program).args(args)))
}
