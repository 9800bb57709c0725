//! The process as the kernel sees it (proc(5)), and which build it is.

use std::fs;

use keyward_domain::metrics::{Figures, Measured};
use keyward_domain::time::Instant;

use super::panics;

/// The kernel's clock ticks per second: the same on every architecture (proc(5), sysconf(3)).
const TICKS: f64 = 100.0;

/// The process.
pub(crate) struct Process {
    started: Instant,
}

impl Process {
    /// The process, which was started about now.
    pub(crate) const fn started(now: Instant) -> Self {
        Self { started: now }
    }
}

impl Measured for Process {
    /// Where there is no `/proc`, some families have no samples.
    fn measure(&self, figures: &mut Figures) {
        figures
            .gauge("keyward_build_info", "Always 1; the label says which version runs.")
            .count(&[("version", env!("CARGO_PKG_VERSION"))], 1);
        figures
            .counter("keyward_panics_total", "Threads that panicked: each time is a bug.")
            .count(&[], panics::counted());
        let started = self.started.unix_micros() as f64 / 1e6;
        figures
            .gauge("process_start_time_seconds", "When the server was started, in seconds since 1970.")
            .number(&[], started);
        let mut gauge = |name, help, value: Option<f64>| {
            let family = figures.gauge(name, help);
            value.into_iter().for_each(|value| {
                family.number(&[], value);
            });
        };
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        gauge("process_resident_memory_bytes", "Resident memory.", kibibytes(&status, "VmRSS:"));
        gauge("process_virtual_memory_bytes", "Virtual memory.", kibibytes(&status, "VmSize:"));
        gauge("process_threads", "Threads.", field(&status, "Threads:"));
        gauge("process_open_fds", "Open file descriptors.", open_files());
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        gauge("process_max_fds", "How many file descriptors may be open.", field(&limits, "Max open files"));
        let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let family = figures.counter("process_cpu_seconds_total", "Processor time, of user and system.");
        processor_seconds(&stat).into_iter().for_each(|seconds| {
            family.number(&[], seconds);
        });
    }
}

/// The number behind a name at the beginning of a line.
fn field(text: &str, name: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

fn kibibytes(status: &str, name: &str) -> Option<f64> {
    field(status, name).map(|kibibytes| kibibytes * 1_024.0)
}

fn open_files() -> Option<f64> {
    // The one that reads the directory is open as well.
    let open = fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1);
    Some(open as f64)
}

/// Fields 14 and 15. The second field, the program's name, may hold blanks and ends with the last parenthesis.
fn processor_seconds(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_is_read() {
        let status = "Name:\tkeyward\nVmSize:\t  2048 kB\nVmRSS:\t    1024 kB\nThreads:\t7\n";
        assert_eq!(kibibytes(status, "VmRSS:"), Some(1_048_576.0));
        assert_eq!((field(status, "Threads:"), field(status, "Nothing:")), (Some(7.0), None));
        let limits = "Limit                     Soft Limit   Hard Limit   Units\nMax open files            1024         4096         files\n";
        assert_eq!(field(limits, "Max open files"), Some(1_024.0));
        let stat = "12 (a) name) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 7 0 100";
        assert_eq!(processor_seconds(stat), Some(2.0));
        assert_eq!(processor_seconds(""), None);
    }
}
