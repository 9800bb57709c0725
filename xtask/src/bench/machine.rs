//! What this machine is, and which of its cores does what.

use std::fs;

use serde_json::{Value, json};

/// The core of whatever is measured.
const MEASURED: usize = 0;
/// The core of whatever measures.
const MEASURING: usize = 1;

/// The machine as far as a number depends on it.
pub(super) struct Machine {
    processor: String,
    cores: usize,
    kernel: String,
    /// How many programs wanted to run in the minute before.
    busy: String,
}

impl Machine {
    pub(super) fn look() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let information = read("/proc/cpuinfo");
        let name = information.lines().find_map(|line| line.strip_prefix("model name"));
        Self {
            processor: name.map_or("unknown", |name| name.trim_start_matches([' ', '\t', ':'])).to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            busy: read("/proc/loadavg").split_whitespace().next().unwrap_or("0").to_owned(),
        }
    }

    /// Says what makes the numbers worth less.
    pub(super) fn warn(&self) {
        if !self.can_pin() {
            println!("warning: one core only: what is measured and what measures share it");
        }
        if self.busy.parse().is_ok_and(|busy: f64| busy > 0.5) {
            println!("warning: the machine is busy (load {}): look at the spreads", self.busy);
        }
    }

    fn can_pin(&self) -> bool {
        self.cores > 1
    }

    /// The words before a command that keep it on the core of what is measured.
    pub(super) fn measured(&self) -> Vec<String> {
        self.on(MEASURED)
    }

    /// The same for what measures.
    pub(super) fn measuring(&self) -> Vec<String> {
        self.on(MEASURING)
    }

    fn on(&self, core: usize) -> Vec<String> {
        let words: &[&str] = if self.can_pin() { &["taskset", "--cpu-list"] } else { &[] };
        let core = self.can_pin().then(|| core.to_string());
        words.iter().map(|word| (*word).to_owned()).chain(core).collect()
    }

    pub(super) fn describe(&self) -> String {
        let placed = if self.can_pin() { "server on core 0, load on core 1" } else { "all on one core" };
        format!(
            "{}, {} cores, Linux {}, load {} before; {placed}",
            self.processor, self.cores, self.kernel, self.busy
        )
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "processor": self.processor,
            "cores": self.cores,
            "kernel": self.kernel,
            "load_before": self.busy,
            "pinned": self.can_pin(),
        })
    }
}
