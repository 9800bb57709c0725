//! A network of a test's own: namespaces that are joined by a bridge, in which packets can be dropped.
//!
//! The test runs itself again inside a namespace of its own, the hub; each server that is to be cut off gets another
//! one. None of them has a name or an address outside. The system removes them with the last process in them, however
//! the test ends.

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};

/// The hub's own address.
pub(super) const HUB: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 77, 0, 1));
/// Says to the second run of the test that it is inside.
const INSIDE: &str = "KEYWARD_TEST_INSIDE_HUB";
/// `off` says that this machine cannot make namespaces.
const NAMESPACES: &str = "KEYWARD_TEST_NAMESPACES";

const HOW: &str = "this test needs network namespaces: `cargo xtask setup` installs `ip` and `iptables`; run as root, or \
                   allow user namespaces; where that cannot be, `cargo xtask test` uses a proxy instead";

/// Where a test runs.
pub(super) enum Here {
    /// Outside, on a machine that can make namespaces.
    Outside,
    /// In the hub.
    InHub,
    /// On a machine that cannot. What a cut does is shown with a proxy that stops to forward.
    WithoutNamespaces,
}

impl Here {
    #[allow(clippy::disallowed_methods, reason = "what the machine can do is said from outside")]
    pub(super) fn find() -> Self {
        if std::env::var_os(INSIDE).is_some() {
            Self::InHub
        } else if std::env::var(NAMESPACES).is_ok_and(|value| value == "off") {
            Self::WithoutNamespaces
        } else {
            Self::Outside
        }
    }
}

/// Runs one test of this program again, in a hub, and asserts that it passes.
pub(super) fn run_in_hub(test: &str) {
    let itself = std::env::current_exe().expect("a program");
    let mut command = Command::new("unshare");
    command.args(if is_root() { &[][..] } else { &["--user", "--map-current-user", "--keep-caps"] });
    let status = command
        .args(["--net", "--"])
        .arg(itself)
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "yes")
        .stdin(Stdio::null())
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "{test} failed in its namespace. If it never began: {HOW}"
    );
}

/// Joins the hub's end of every wire.
pub(super) fn set_up_hub() {
    run("ip link set lo up");
    run("ip link add name hub type bridge");
    run(&format!("ip addr add {HUB}/24 dev hub"));
    run("ip link set hub up");
}

/// A namespace with one wire to the hub.
pub(super) struct Namespace {
    /// Keeps it alive. It ends when its standard input does, and so with this test.
    holder: Child,
    address: Ipv4Addr,
    /// What is cut off from it.
    database: SocketAddr,
}

impl Namespace {
    pub(super) fn join(number: u8, database: SocketAddr) -> Self {
        let mut holder = Command::new("unshare")
            .args(["--net", "--", "sh", "-c", "echo there; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect(HOW);
        let mut said = String::new();
        let read = BufReader::new(holder.stdout.take().expect("a pipe")).read_line(&mut said);
        assert!(read.is_ok() && said.trim() == "there", "{HOW}");
        let namespace = Self { holder, address: Ipv4Addr::new(10, 77, 0, 10 + number), database };
        run(&format!("ip link add wire{number} type veth peer name eth0 netns {}", namespace.holder.id()));
        run(&format!("ip link set wire{number} master hub up"));
        namespace.run("ip link set lo up");
        namespace.run(&format!("ip addr add {}/24 dev eth0", namespace.address));
        namespace.run("ip link set eth0 up");
        namespace
    }

    pub(super) const fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// The words to put before a command so that it runs inside.
    pub(super) fn words(&self) -> Vec<String> {
        let holder = self.holder.id().to_string();
        ["nsenter", "--target", &holder, "--net", "--"].map(str::to_owned).to_vec()
    }

    /// Whatever goes to the database or comes from it vanishes. Nobody is told.
    pub(super) fn cut(&self) {
        let (host, port) = (self.database.ip(), self.database.port());
        self.run(&format!("iptables -w -A OUTPUT -d {host} -p tcp --dport {port} -j DROP"));
        self.run(&format!("iptables -w -A INPUT -s {host} -p tcp --sport {port} -j DROP"));
    }

    pub(super) fn heal(&self) {
        self.run("iptables -w -F");
    }

    fn run(&self, command: &str) {
        run(&format!("{} {command}", self.words().join(" ")));
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if let Some(mut input) = self.holder.stdin.take() {
            let _ = input.flush();
        }
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("an id");
    String::from_utf8_lossy(&id.stdout).trim() == "0"
}

fn run(command: &str) {
    // Only root has these programs on its path.
    let line = format!("PATH=$PATH:/usr/sbin && {command}");
    let output = Command::new("sh").args(["-c", &line]).stdin(Stdio::null()).output().expect("a shell");
    assert!(output.status.success(), "{command}: {}\n{HOW}", String::from_utf8_lossy(&output.stderr));
}
