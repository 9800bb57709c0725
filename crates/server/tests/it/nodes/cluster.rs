//! A PostgreSQL of one test's own, which can be frozen: made with the programs that `cargo xtask setup` installs.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use tempfile::TempDir;

/// One server process with its children, killed with this value. Its data goes too.
pub(super) struct Cluster {
    server: Child,
    address: SocketAddr,
    _directory: TempDir,
}

impl Cluster {
    /// Starts one that listens at this address of the machine.
    pub(super) fn start(host: IpAddr) -> Self {
        let (programs, owner) = (programs(), Owner::find());
        let directory =
            tempfile::Builder::new().prefix("keyward-pg-").tempdir().expect("a scratch directory");
        owner.give(directory.path());
        let data = directory.path().join("data");
        let made = owner
            .command(&programs.join("initdb"), directory.path())
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "--locale=C"])
            .arg("--pgdata")
            .arg(&data)
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        // Whom the test calls from elsewhere in its own network, the server must let in.
        fs::write(data.join("pg_hba.conf"), "host all all all trust\n").expect("a file of rules");
        let port =
            TcpListener::bind((host, 0)).and_then(|free| free.local_addr()).expect("a free port").port();
        let mut server = owner
            .command(&programs.join("postgres"), directory.path())
            .arg("-D")
            .arg(&data)
            .args(["-c", &format!("listen_addresses={host}"), "-c", &format!("port={port}")])
            .args(["-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "lc_messages=C"])
            .stderr(Stdio::piped())
            .spawn()
            .expect("postgres runs");
        wait_until_ready(&mut server);
        Self { server, address: (host, port).into(), _directory: directory }
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its database by way of another address, which leads to it.
    pub(super) fn url_by(address: SocketAddr) -> String {
        format!("postgres://postgres@{address}/postgres")
    }

    pub(super) fn url(&self) -> String {
        Self::url_by(self.address)
    }

    /// `kill -STOP` for all of its processes: it accepts, and never answers.
    pub(super) fn freeze(&self) {
        signal("STOP", &[self.server.id()]); // The parent first, so that no more are born.
        signal("STOP", &children_of(self.server.id()));
    }

    /// `kill -CONT` for all of them.
    pub(super) fn thaw(&self) {
        signal("CONT", &children_of(self.server.id()));
        signal("CONT", &[self.server.id()]);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut all = children_of(self.server.id());
        all.push(self.server.id());
        signal("CONT", &all);
        signal("QUIT", &[self.server.id()]); // Ends it at once, and its children with it.
        let _ = self.server.wait();
    }
}

/// Asks a database, as a person at a terminal would.
pub(super) fn psql(url: &str, statement: &str) -> String {
    let asked = Command::new(programs().join("psql"))
        .args([
            "--no-psqlrc",
            "--quiet",
            "--no-align",
            "--tuples-only",
            "--dbname",
            url,
            "--command",
            statement,
        ])
        .stdin(Stdio::null())
        .output()
        .expect("psql runs");
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    String::from_utf8_lossy(&asked.stdout).trim().to_owned()
}

/// Its log says so. What it logs later is read and dropped, so that it never waits for a reader.
fn wait_until_ready(server: &mut Child) {
    let mut log = BufReader::new(server.stderr.take().expect("a pipe"));
    let mut said = String::new();
    while !said.contains("ready to accept connections") {
        assert_ne!(log.read_line(&mut said).expect("a log"), 0, "postgres did not start: {said}");
    }
    thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
}

fn signal(name: &str, processes: &[u32]) {
    let ids = processes.iter().map(u32::to_string);
    // One that has just ended cannot be signalled, and need not be.
    let _ = Command::new("kill").arg(format!("-{name}")).args(ids).stderr(Stdio::null()).status();
}

/// By the second field after the name, which alone may hold spaces and brackets.
fn children_of(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers
        .filter(|number| {
            let stat = fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
            let (_, fields) = stat.rsplit_once(')').unwrap_or_default();
            fields.split_whitespace().nth(1).and_then(|field| field.parse().ok()) == Some(parent)
        })
        .collect()
}

/// Where PostgreSQL's programs are: on `PATH`, else the newest that Debian has installed.
#[allow(clippy::disallowed_methods, reason = "where the machine's programs are, only the environment says")]
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut debian: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    debian.sort();
    let is_whole = |directory: &PathBuf| {
        ["initdb", "postgres", "psql"].iter().all(|name| directory.join(name).is_file())
    };
    let mut all = on_path.into_iter().chain(debian.into_iter().rev().map(|(_, path)| path));
    all.find(is_whole).expect("PostgreSQL's programs are missing: `cargo xtask setup` installs them")
}

/// Whom PostgreSQL runs as: it refuses to be root.
enum Owner {
    Ourselves,
    User { uid: u32, gid: u32 },
}

impl Owner {
    fn find() -> Self {
        if id("-u", None) != Some(0) {
            return Self::Ourselves;
        }
        let mut users = ["postgres", "nobody"].into_iter();
        let user = users.find_map(|user| Some((id("-u", Some(user))?, id("-g", Some(user))?)));
        let (uid, gid) = user.expect("PostgreSQL refuses to run as root, and there is no user `postgres`");
        Self::User { uid, gid }
    }

    fn give(&self, directory: &Path) {
        if let Self::User { uid, gid } = self {
            chown(directory, Some(*uid), Some(*gid)).expect("a directory given away");
        }
    }

    /// The program as its owner runs it. It ends with this test, however that ends.
    fn command(&self, program: &Path, directory: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command.arg("--pdeathsig=QUIT").current_dir(directory).stdin(Stdio::null()).stdout(Stdio::null());
        if let Self::User { uid, gid } = self {
            command.args([format!("--reuid={uid}"), format!("--regid={gid}")]).arg("--clear-groups");
        }
        command.arg(program);
        command
    }
}

fn id(flag: &str, user: Option<&str>) -> Option<u32> {
    let output = Command::new("id").arg(flag).args(user).stderr(Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
