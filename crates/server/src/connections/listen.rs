//! Serves the app over connections that are counted and watched.
//!
//! This is what `HttpServer::listen` does, with a stream of our own.

use std::future::ready;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_server::Server;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_factory, fn_service, map_config};
use actix_web::dev::AppConfig;
use tokio::net::TcpStream;

use super::caps::Caps;
use super::watch::{Patience, Watch, Watched};
use crate::compose::{self, State};

/// How long a drain waits for requests in flight, in seconds. A body may take 10 seconds to arrive.
const DRAIN_SECONDS: u64 = 9;
/// How long a client may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// Serves what comes in there, until its handle stops it. `on_worker` is called on the thread of each worker, at its start.
pub fn listen(
    listener: TcpListener,
    state: Arc<State>,
    on_worker: impl Fn() + Send + Clone + 'static,
    patience: Patience,
    caps: Caps,
) -> io::Result<Server> {
    let address = listener.local_addr()?;
    let builder = Server::build();
    let draining = builder.graceful_shutdown_signal();
    let server = builder.listen("keyward", listener, move || {
        on_worker();
        let app = compose::app(Arc::clone(&state)).into_factory().map_err(|error| error.error_response());
        let draining = draining.clone();
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let draining = draining.clone();
                async move { draining.notified().await }
            })
            .keep_alive(patience.keep_alive)
            .client_request_timeout(patience.head)
            .client_disconnect_timeout(GOODBYE)
            .local_addr(address)
            .finish(map_config(app, |()| AppConfig::default()));
        let caps = caps.clone();
        fn_factory(move || {
            let (watch, caps) = (Watch::start(patience), caps.clone());
            ready(Ok::<_, ()>(fn_service(move |stream| ready(admit(stream, &watch, &caps)))))
        })
        .and_then(http)
    })?;
    Ok(server.shutdown_timeout(DRAIN_SECONDS).disable_signals().run())
}

type Admitted = (Watched, Protocol, Option<SocketAddr>);

/// Security: a connection too many is closed without a word, which is the least that it can cost.
fn admit(stream: TcpStream, watch: &Rc<Watch>, caps: &Caps) -> Result<Admitted, DispatchError> {
    let peer = stream.peer_addr()?;
    let Some(place) = caps.admit(peer.ip()) else {
        tracing::debug!("a connection too many is closed");
        return Err(io::Error::from(io::ErrorKind::ConnectionRefused).into());
    };
    // An answer is written at once: waiting for more to send would only delay it.
    let _ = stream.set_nodelay(true);
    Ok((watch.over(stream, place), Protocol::Http1, Some(peer)))
}
