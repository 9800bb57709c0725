//! Looks at what the server depends on from outside: can it be reached at all?

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use url::Url;

const DEADLINE: Duration = Duration::from_secs(5);

/// Whether a TCP connection to the URL's host and port can be made.
pub(crate) fn reach(url: &str, default_port: u16) -> Result<TcpStream, String> {
    let url = Url::parse(url).map_err(|_| "is no URL".to_owned())?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(default_port);
    let addresses = (host.as_str(), port).to_socket_addrs().map_err(|_| format!("{host} has no address"))?;
    let mut last = format!("{host} has no address");
    for address in addresses {
        match TcpStream::connect_timeout(&address, DEADLINE) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = format!("{host}:{port}: {}", error.kind()),
        }
    }
    Err(last)
}

/// Whether a Keyward at this address says that it is ready.
pub(crate) fn ready(url: &str) -> Result<(), String> {
    let agent = ureq::Agent::new_with_config(
        // By the way that the commands take, which is no proxy's.
        ureq::Agent::config_builder()
            .proxy(None)
            .timeout_global(Some(DEADLINE))
            .http_status_as_error(false)
            .build(),
    );
    match agent.get(&format!("{url}/ready")).call() {
        Ok(response) if response.status().as_u16() == 200 => Ok(()),
        Ok(response) => Err(format!("{url}/ready answers {}", response.status().as_u16())),
        Err(error) => Err(format!("{url}/ready: {error}")),
    }
}
