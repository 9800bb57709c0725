//! A `keyward` process of a test's own, and how to talk to it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use ureq::Agent;

/// How much of a server's log is shown when its test fails.
const LINES_OF_A_FAILURE: usize = 60;

/// A place to run `keyward` in: a directory and variables, nothing else of the machine.
pub(crate) struct Place {
    pub(crate) directory: TempDir,
    variables: Vec<(String, String)>,
    /// What stands before the binary's path.
    words: Vec<String>,
}

impl Place {
    /// A fresh directory in which the server listens on a free port. Limits are off.
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a scratch directory");
        let place = Self { directory, variables: Vec::new(), words: Vec::new() };
        let data = place.data_dir().display().to_string();
        let place = place.with("KEYWARD_LISTEN", "127.0.0.1:0").with("KEYWARD_DATA_DIR", &data);
        // All that these tests ask comes from one address.
        place.with("KEYWARD_RATE_LIMITS", "off")
    }

    /// The same with a variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same without one.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self
    }

    /// The same, by a command that has these words before the binary's path.
    pub(crate) fn behind(self, words: &[String]) -> Self {
        Self { words: words.to_vec(), ..self }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut words = self.words.iter().map(String::as_str).chain([env!("CARGO_BIN_EXE_keyward")]);
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).args(arguments).env_clear().envs(self.variables.iter().cloned());
        command.current_dir(self.directory.path()).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    /// Runs a command that must be refused; gives the one line that it says.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).expect("text");
        assert!(!output.status.success(), "not refused: {said}");
        assert!(output.stdout.is_empty(), "a refusal prints nothing to standard output");
        assert_eq!(said.lines().count(), 1, "a refusal is one line: {said}");
        said
    }

    /// Starts the server and waits until it listens.
    pub(crate) fn serve(&self) -> Server {
        let log = self.directory.path().join("log");
        let file = fs::File::create(&log).expect("a log file");
        let mut child =
            self.command(&["serve"]).stdout(Stdio::piped()).stderr(file).spawn().expect("the binary runs");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let banner = read_banner(&mut stdout);
        let url = banner.lines().find_map(|line| line.trim().strip_prefix("address")).map(str::trim);
        let Some(url) = url.map(str::to_owned) else {
            let log = fs::read_to_string(&log).unwrap_or_default();
            panic!("no address in {banner:?}; the log says {log}");
        };
        Server { child, url, banner, log, agent: agent(), _stdout: stdout }
    }

    /// Every file below the directory, by its path from there. SQLite's own companions come and go.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        list(self.directory.path(), self.directory.path(), &mut found);
        found.retain(|file| !file.ends_with("-wal") && !file.ends_with("-shm"));
        found.sort();
        found
    }
}

fn list(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            list(root, &path, found);
        }
        found.push(path.strip_prefix(root).expect("below the root").display().to_string());
    }
}

/// The lines up to the first empty one.
fn read_banner(stdout: &mut BufReader<ChildStdout>) -> String {
    let mut banner = String::new();
    loop {
        let before = banner.len();
        let read = stdout.read_line(&mut banner).expect("a banner");
        if read == 0 || banner[before..].trim().is_empty() {
            return banner;
        }
    }
}

fn agent() -> Agent {
    Agent::new_with_config(Agent::config_builder().http_status_as_error(false).build())
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) banner: String,
    log: PathBuf,
    agent: Agent,
    _stdout: BufReader<ChildStdout>,
}

/// What a request was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) json: Value,
}

impl Server {
    pub(crate) fn get(&self, path: &str, header: Option<(&str, &str)>) -> Answer {
        let request = self.agent.get(format!("{}{path}", self.url));
        let request = header.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        read(request.call()).expect("an answer")
    }

    /// Posts JSON; `None` when no whole answer came back.
    pub(crate) fn try_post(&self, path: &str, body: &Value) -> Option<Answer> {
        read(self.agent.post(format!("{}{path}", self.url)).send_json(body))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_post(path, body).expect("an answer")
    }

    /// Posts JSON with these headers: the status and the body as it came; `None` when no whole answer came back.
    pub(crate) fn ask(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Option<(u16, String)> {
        let request = self.agent.post(format!("{}{path}", self.url));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.send_json(body).ok()?;
        let (status, mut text) = (answer.status().as_u16(), String::new());
        answer.into_body().into_reader().read_to_string(&mut text).ok()?;
        Some((status, text))
    }

    /// `kill -9`: the process gets no say.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("a living process");
        self.child.wait().expect("an end");
    }

    /// `kill -9`, while others still hold the server.
    pub(crate) fn kill_now(&self) {
        self.signal("KILL");
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// `SIGTERM`.
    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    /// The same server, called by the address it is bound to instead of its public URL.
    pub(crate) fn at_its_own_address(mut self) -> Self {
        let bound = self.banner.lines().find_map(|line| line.trim().strip_prefix("listening"));
        self.url = format!("http://{}", bound.expect("a second line").trim());
        self
    }

    fn signal(&self, name: &str) {
        let status = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.child.id())]).status();
        assert!(status.expect("a shell").success());
    }

    /// How it ended.
    pub(crate) fn wait(mut self) -> ExitStatus {
        self.child.wait().expect("an end")
    }
}

impl Drop for Server {
    /// Where a test fails, what its server said is part of what it says.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let last = lines.len().saturating_sub(LINES_OF_A_FAILURE);
            println!("the last lines of the server's log:\n{}", lines[last..].join("\n"));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Option<Answer> {
    let answer = answer.ok()?;
    let status = answer.status().as_u16();
    let mut text = String::new();
    answer.into_body().into_reader().read_to_string(&mut text).ok()?;
    Some(Answer { status, json: serde_json::from_str(&text).unwrap_or(Value::Null) })
}
