//! Listening, and draining at the end.

use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::banner::Banner;
use crate::commands;
use crate::compose::{self, Seams};
use crate::config::{Config, ConnectionsConfig};
use crate::connections::{self, Caps, ConnectionCounts, Patience};
use crate::founding::{self, Founded, StartError};
use crate::logging;

/// How long mail that is still being sent is waited for after that. The rest is sent after the next start.
const LAST_MAIL: Duration = Duration::from_millis(300);
/// How many files a server needs besides connections: databases, logs, mail.
const OTHER_FILES: usize = 128;

/// Serves until `SIGTERM` or `SIGINT`.
pub fn run(config: &Config) -> ExitCode {
    let served = rt::System::new().block_on(serve(config));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => commands::refuse(&error),
    }
}

async fn serve(config: &Config) -> Result<(), StartError> {
    // Security: the signals are caught before anything is made, so that none is cut in the middle.
    let mut terminate = signal(SignalKind::terminate()).map_err(StartError::machine)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(StartError::machine)?;
    let listener = bind(config)?;
    let bound = listener.local_addr().map_err(StartError::machine)?;
    let url = config.public_url_at(bound);
    let founded = founding::start(config, &url, Seams::of_machine()).await?;
    logging::start(&config.log);
    announce(config, &founded, url, &bound.to_string());

    let state = Arc::clone(&founded.keyward.state);
    let event_loops = Arc::clone(&founded.keyward.event_loops);
    let on_worker = move || drop(rt::spawn(Arc::clone(&event_loops).watch()));
    let caps = caps(config, Arc::clone(&founded.keyward.connections));
    let server = connections::listen(listener, state, on_worker, Patience::default(), caps)
        .map_err(StartError::machine)?;
    let handle = server.handle();
    let jobs = rt::spawn(founded.keyward.jobs.clone().run());
    let (stop_mail, stopped) = oneshot::channel();
    let mut mail = rt::spawn(founded.keyward.mail.clone().run(stopped));
    rt::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("draining");
        let _ = stop_mail.send(()); // The worker is gone only if it panicked, and there is nothing left to stop.
        handle.stop(true).await;
    });
    let served = server.await;
    jobs.abort();
    if timeout(LAST_MAIL, &mut mail).await.is_err() {
        mail.abort();
    }
    founded.keyward.jobs.finish().await;
    founded.keyward.close();
    tracing::info!("stopped");
    served.map_err(StartError::machine)
}

/// What the configuration says, and no more than the system lets this process have.
fn caps(config: &Config, counts: Arc<ConnectionCounts>) -> Caps {
    let ConnectionsConfig { total, per_address } = config.connections;
    let files = connections::most_files().map_or(usize::MAX, |files| files.saturating_sub(OTHER_FILES));
    if files < total {
        tracing::warn!(total, files, "the limit of open files is too low for connections.total");
    }
    Caps::new(total.min(files).max(1), per_address, config.trusted_proxies.clone(), counts)
}

fn bind(config: &Config) -> Result<TcpListener, StartError> {
    let refuse = |error: std::io::Error| StartError::Listen {
        origin: config.listen.origin.clone(),
        address: config.listen.value,
        kind: error.kind(),
    };
    let listener = TcpListener::bind(config.listen.value).map_err(refuse)?;
    listener.set_nonblocking(true).map_err(refuse)?;
    Ok(listener)
}

fn announce(config: &Config, founded: &Founded, url: String, listen: &str) {
    let outbox = config.data_dir.value.join("outbox");
    let mail = match &config.smtp_url {
        Some(url) => format!("by {url}"),
        None => format!("files in {}", outbox.display()),
    };
    let banner = Banner {
        url,
        listen: listen.to_owned(),
        database: founded.keyward.database.clone(),
        mail,
        new_admin_key: founded.new_admin_key.clone(),
        new_master_key: founded.new_master_key.clone(),
    };
    commands::print(&format!("{banner}\n"));
    for name in &config.unknown_variables {
        tracing::warn!(name, "this variable of the environment is no setting");
    }
    for (name, _) in config.dialects.iter().filter(|(name, _)| !compose::is_spoken(**name)) {
        tracing::debug!(dialect = name.as_str(), "enabled, but this version does not speak it yet");
    }
}
