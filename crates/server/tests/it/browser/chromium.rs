//! A Chromium of a test's own, and its protocol.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long Chromium may take for anything: the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);

/// The value of a variable that `cargo xtask test` sets. Panics without it: a test that is skipped proves nothing.
#[allow(clippy::disallowed_methods, reason = "where programs are can only come from the environment")]
pub(super) fn tool(name: &str) -> PathBuf {
    let path = std::env::var_os(name);
    path.unwrap_or_else(|| panic!("{name} is not set: run the tests with `cargo xtask test`")).into()
}

/// A running browser; ended when dropped.
pub(super) struct Chromium {
    child: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    events: Vec<Value>,
    last_id: u64,
    session: Option<String>,
    _profile: TempDir,
}

impl Chromium {
    /// A browser that knows nothing yet, with one tab.
    pub(super) fn start() -> Self {
        let profile = tempfile::tempdir().expect("a scratch directory");
        // Chromium reads commands from descriptor 3 and writes messages to descriptor 4.
        let command = "exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null";
        let mut child = Command::new("sh")
            .args(["-c", command])
            .arg(tool("KEYWARD_TEST_CHROMIUM"))
            // Its sandbox does not start as root; what it loads here is ours alone.
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
            .args(["--no-first-run", "--hide-scrollbars", "--disable-background-networking"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(["--remote-debugging-pipe", "about:blank"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let commands = child.stdin.take().expect("a pipe");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, messages) = channel();
        thread::spawn(move || {
            while let Some(message) = read(&mut stdout) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let (events, last_id) = (Vec::new(), 0);
        let mut browser =
            Self { child, commands, messages, events, last_id, session: None, _profile: profile };
        let target = browser.ask("Target.createTarget", json!({"url": "about:blank"}))["targetId"].clone();
        let attached = browser.ask("Target.attachToTarget", json!({"targetId": target, "flatten": true}));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.ask(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// One command, and what it was answered.
    pub(super) fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.last_id += 1;
        let mut command = json!({"id": self.last_id, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        self.commands.write_all(&bytes).expect("a living browser");
        loop {
            let message = self.next();
            if message["id"] == self.last_id {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    /// Forgets the events of this name.
    pub(super) fn forget(&mut self, method: &str) {
        self.events.retain(|event| event["method"] != method);
    }

    /// Waits for an event of this name.
    pub(super) fn wait_for(&mut self, method: &str) {
        while !self.events.iter().any(|event| event["method"] == method) {
            let message = self.next();
            self.events.push(message);
        }
        self.forget(method);
    }

    /// The events of this name so far.
    pub(super) fn events<'a>(&'a self, method: &'a str) -> impl Iterator<Item = &'a Value> {
        self.events.iter().filter(move |event| event["method"] == method).map(|event| &event["params"])
    }

    fn next(&mut self) -> Value {
        self.messages.recv_timeout(PATIENCE).expect("a browser that answers")
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The next message: JSON up to a NUL. `None` at the end.
fn read(pipe: &mut impl BufRead) -> Option<Value> {
    let mut bytes = Vec::new();
    pipe.read_until(0, &mut bytes).ok().filter(|read| *read > 0)?;
    bytes.pop();
    serde_json::from_slice(&bytes).ok()
}
