//! Connections: how many there may be, how long each may dawdle, and how they are served.
//!
//! actix-http bounds the head of the first request and the time between requests. What it leaves open is closed here:
//! later heads, bodies that nobody reads, clients that do not read, and clients with too many connections.

mod caps;
mod listen;
mod measured;
mod watch;

pub use caps::{Caps, most_files};
pub use listen::listen;
pub use measured::ConnectionCounts;
pub use watch::Patience;
