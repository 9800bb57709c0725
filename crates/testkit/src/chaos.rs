//! A TCP proxy that makes a network fail on command: in front of a database it shows what an outage does.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use std::thread::{self, JoinHandle};

/// A proxy on a free port of the loopback interface. It forwards from the start, and ends with everything that
/// runs through it when it is dropped.
pub struct ChaosProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Forwarding,
    Frozen,
    Down,
}

struct Shared {
    upstream: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    mode: Mode,
    connections: Vec<Weak<Connection>>,
}

/// Belongs to its two pumps, and closes when both have ended.
struct Connection {
    client: TcpStream,
    server: TcpStream,
}

impl ChaosProxy {
    /// Starts to forward to `upstream`.
    pub fn start(upstream: SocketAddr) -> Self {
        let listener = bind((Ipv4Addr::LOCALHOST, 0).into());
        let state = State { mode: Mode::Forwarding, connections: Vec::new() };
        let shared = Arc::new(Shared { upstream, state: Mutex::new(state), changed: Condvar::new() });
        let address = listener.local_addr().unwrap();
        let acceptor = Mutex::new(Some(shared.clone().accept_from(listener)));
        Self { address, shared, acceptor }
    }

    /// Where to connect to. It stays the same, whatever happens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Forwards. What was held back while frozen moves on; after having been down, the same port is bound again.
    pub fn forward(&self) {
        self.accept_in(Mode::Forwarding);
    }

    /// Accepts connections and moves no byte either way, on new connections and on those that are open. Bytes
    /// that were on their way before this call may still arrive.
    pub fn freeze(&self) {
        self.accept_in(Mode::Frozen);
    }

    /// Closes every connection and refuses new ones, from the moment this returns.
    pub fn down(&self) {
        let mut acceptor = self.acceptor.lock().unwrap();
        self.shared.enter(Mode::Down);
        if let Some(acceptor) = acceptor.take() {
            // Wakes the acceptor, which sees the mode and lets the port go. Once it is done nobody listens there.
            drop(TcpStream::connect(self.address));
            acceptor.join().unwrap();
        }
        // After the acceptor's end, so that none slips through that it was just letting in.
        self.shared.close_all();
    }

    fn accept_in(&self, mode: Mode) {
        let mut acceptor = self.acceptor.lock().unwrap();
        self.shared.enter(mode);
        if acceptor.is_none() {
            *acceptor = Some(self.shared.clone().accept_from(bind(self.address)));
        }
    }
}

impl Drop for ChaosProxy {
    fn drop(&mut self) {
        self.down();
    }
}

/// On Unix this sets SO_REUSEADDR: connections that have just ended do not hold their port.
fn bind(address: SocketAddr) -> TcpListener {
    TcpListener::bind(address).expect("the proxy's port is not free")
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn enter(&self, mode: Mode) {
        self.lock().mode = mode;
        self.changed.notify_all();
    }

    fn accept_from(self: Arc<Self>, listener: TcpListener) -> JoinHandle<()> {
        thread::spawn(move || {
            for client in listener.incoming() {
                if self.lock().mode == Mode::Down {
                    return;
                }
                // Where the upstream refuses, the client finds its connection closed.
                if let Ok(client) = client
                    && let Ok(server) = TcpStream::connect(self.upstream)
                {
                    self.open(Connection { client, server });
                }
            }
        })
    }

    /// Pumps both ways, each on a thread of its own.
    fn open(self: &Arc<Self>, connection: Connection) {
        let connection = Arc::new(connection);
        let mut state = self.lock();
        state.connections.retain(|known| known.strong_count() > 0);
        state.connections.push(Arc::downgrade(&connection));
        let (shared, pumped) = (self.clone(), connection.clone());
        thread::spawn(move || shared.pump(&pumped.client, &pumped.server));
        let shared = self.clone();
        thread::spawn(move || shared.pump(&connection.server, &connection.client));
    }

    fn close_all(&self) {
        for connection in self.lock().connections.drain(..).filter_map(|known| known.upgrade()) {
            connection.client.close(Shutdown::Both);
            connection.server.close(Shutdown::Both);
        }
    }

    /// Moves bytes one way until that way ends; then tells the other side so.
    fn pump(&self, mut from: &TcpStream, mut to: &TcpStream) {
        let mut buffer = [0; 16 * 1024];
        loop {
            let length = from.read(&mut buffer).unwrap_or(0);
            self.wait_while_frozen();
            if length == 0 {
                return to.close(Shutdown::Write);
            }
            if to.write_all(&buffer[..length]).is_err() {
                return from.close(Shutdown::Both);
            }
        }
    }

    fn wait_while_frozen(&self) {
        drop(self.changed.wait_while(self.lock(), |state| state.mode == Mode::Frozen).unwrap());
    }
}

/// Closing what is closed already is no error here: it is what was asked for.
trait Close {
    fn close(&self, how: Shutdown);
}

impl Close for TcpStream {
    fn close(&self, how: Shutdown) {
        let _ = self.shutdown(how);
    }
}
