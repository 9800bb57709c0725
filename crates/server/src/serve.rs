//! Listening, and draining at the end.

use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpServer, rt};
use tokio::signal::unix::{SignalKind, signal};

use crate::banner::Banner;
use crate::commands;
use crate::compose::{self, Seams};
use crate::config::Config;
use crate::founding::{self, Founded, StartError};
use crate::logging;

/// How long a client may take to send a request's head.
const HEAD_DEADLINE: Duration = Duration::from_secs(5);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long a drain waits for requests in flight, in seconds. A body may take 10 seconds to arrive.
const DRAIN_SECONDS: u64 = 9;

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
    let app = move || compose::app(Arc::clone(&state));
    let server = HttpServer::new(app)
        .listen(listener)
        .map_err(StartError::machine)?
        .client_request_timeout(HEAD_DEADLINE)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(DRAIN_SECONDS)
        .disable_signals()
        .run();
    let handle = server.handle();
    let jobs = rt::spawn(founded.keyward.jobs.clone().run());
    rt::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("draining");
        handle.stop(true).await;
    });
    let served = server.await;
    jobs.abort();
    founded.keyward.jobs.finish().await;
    founded.keyward.close();
    tracing::info!("stopped");
    served.map_err(StartError::machine)
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
    let mail = if config.smtp_url.is_some() {
        "by SMTP".to_owned()
    } else {
        format!("files in {}", outbox.display())
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
