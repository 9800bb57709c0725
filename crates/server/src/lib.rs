//! The server: configuration, composition, and the commands of the one binary, `keyward`.
//!
//! | file | what |
//! |---|---|
//! | `main.rs` | the command line |
//! | `config/` | what an operator decides; the only reader of the environment |
//! | `compose.rs`, `compose/` | which adapter serves which port: it and the files below it alone name adapters |
//! | `founding.rs` | the first start and every later one: keys, database, in an order that leaves no half |
//! | `backup_file.rs`, `draft.rs` | a backup's file, and how a file appears whole or not at all |
//! | `key_file.rs`, `master_key_files.rs` | keys in files, and how one master key takes the place of another |
//! | `jobs.rs`, `reach.rs` | what the server does by itself, now and then |
//! | `mail_worker.rs` | sends the mail that waits |
//! | `supply_file.rs` | the file with Agora's public figures |
//! | `metrics/`, `logging.rs` | what the process tells of itself |
//! | `serve.rs` | listening, draining |
//! | `connections/` | how many connections there may be, and how long each may dawdle |
//! | `commands/` | what else the binary does |

mod admin_keys;
mod backup_file;
mod banner;
mod checks;
mod clock;
pub mod commands;
pub mod compose;
pub mod config;
pub mod connections;
mod diagnostics;
mod draft;
mod founding;
pub mod jobs;
pub mod key_file;
mod listeners;
mod logging;
pub mod mail_worker;
mod master_key_files;
mod metrics;
mod probe;
mod reach;
pub mod serve;
pub mod supply_file;

use compose::{Keyward, Seams};
use config::Config;
pub use founding::StartError;
pub use logging::log_panics;

/// Starts a server without listening: what `serve` does, for programs and tests that listen themselves.
pub async fn start(config: &Config, public_url: &str, seams: Seams) -> Result<Keyward, StartError> {
    founding::start(config, public_url, seams).await.map(|founded| founded.keyward)
}
