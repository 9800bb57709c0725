//! How a server reaches its database.

use std::net::SocketAddr;

use keyward_testkit::chaos::ChaosProxy;

use super::cluster::Cluster;
use super::network::Namespace;

/// The way from one server to its database, which can be cut.
pub(super) enum Link {
    /// Packets are dropped in the server's namespace.
    Namespace(Namespace),
    /// A proxy stops to forward.
    Proxy(ChaosProxy),
}

impl Link {
    pub(super) fn cut(&self) {
        match self {
            Self::Namespace(namespace) => namespace.cut(),
            Self::Proxy(proxy) => proxy.freeze(),
        }
    }

    pub(super) fn heal(&self) {
        match self {
            Self::Namespace(namespace) => namespace.heal(),
            Self::Proxy(proxy) => proxy.forward(),
        }
    }

    /// The database's URL, for the server at this end.
    pub(super) fn url(&self, database: SocketAddr) -> String {
        Cluster::url_by(match self {
            Self::Namespace(_) => database,
            Self::Proxy(proxy) => proxy.address(),
        })
    }
}
