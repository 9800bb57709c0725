//! Watches connections for clients that dawdle.
//!
//! A request costs the watch two assignments and no timer: each worker counts ticks, a connection notes at which tick
//! its client began to ask or stopped to read, and once a tick the worker looks at all of them.

use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use actix_web::rt;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::interval;

use super::caps::Place;

/// How long a client may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the head of its first request.
    pub head: Duration,
    /// From the first byte of a request to the first byte of its answer: its head, its body, and the work.
    pub request: Duration,
    /// For reading anything at all of an answer that waits for it.
    pub read: Duration,
    /// Between two requests.
    pub keep_alive: Duration,
    /// How often is looked. The two above are rounded up to it.
    pub tick: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        // A body has ten seconds, after a head of up to five, and the database a few.
        Self {
            head: seconds(5),
            request: seconds(20),
            read: seconds(10),
            keep_alive: seconds(15),
            tick: seconds(1),
        }
    }
}

/// What one worker watches.
pub(super) struct Watch {
    tick: Cell<u32>,
    request_ticks: u32,
    read_ticks: u32,
    connections: RefCell<Vec<Weak<Client>>>,
}

/// What is known of one client. Tick 0 is none.
#[derive(Default)]
struct Client {
    /// When it began to ask for what it has no answer to.
    asked: Cell<u32>,
    /// When it stopped to read.
    stuck: Cell<u32>,
    late: Cell<bool>,
    task: RefCell<Option<Waker>>,
}

impl Watch {
    /// Begins to watch, on this worker.
    pub(super) fn start(patience: Patience) -> Rc<Self> {
        let ticks = |time: Duration| {
            let ticks = time.as_nanos().div_ceil(patience.tick.as_nanos().max(1));
            u32::try_from(ticks).unwrap_or(u32::MAX)
        };
        let watch = Rc::new(Self {
            tick: Cell::new(1),
            request_ticks: ticks(patience.request),
            read_ticks: ticks(patience.read),
            connections: RefCell::default(),
        });
        let watched = Rc::downgrade(&watch);
        rt::spawn(async move {
            let mut ticks = interval(patience.tick);
            loop {
                ticks.tick().await;
                match watched.upgrade() {
                    Some(watch) => watch.look(),
                    None => return,
                }
            }
        });
        watch
    }

    /// Takes a connection into view.
    pub(super) fn over(self: &Rc<Self>, stream: TcpStream, place: Place) -> Watched {
        let client = Rc::new(Client::default());
        self.connections.borrow_mut().push(Rc::downgrade(&client));
        Watched { stream, client, watch: Rc::clone(self), _place: place }
    }

    fn look(&self) {
        let now = self.tick.get().wrapping_add(1).max(1);
        self.tick.set(now);
        let is_over = |since: u32, ticks: u32| since != 0 && now.wrapping_sub(since) > ticks;
        self.connections.borrow_mut().retain(|client| {
            let Some(client) = client.upgrade() else { return false };
            if is_over(client.asked.get(), self.request_ticks) || is_over(client.stuck.get(), self.read_ticks)
            {
                client.late.set(true);
                if let Some(task) = client.task.take() {
                    task.wake();
                }
            }
            true
        });
    }
}

/// A connection in view. Once its client is late every use of it fails, so that it is closed.
pub(super) struct Watched {
    stream: TcpStream,
    client: Rc<Client>,
    watch: Rc<Watch>,
    _place: Place,
}

impl Watched {
    fn check(&self) -> io::Result<()> {
        if self.client.late.get() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }

    /// So that the watch can wake whoever waits. Mostly it is the same task as before.
    fn wait(&self, cx: &Context<'_>) {
        let mut task = self.client.task.borrow_mut();
        if !task.as_ref().is_some_and(|task| task.will_wake(cx.waker())) {
            *task = Some(cx.waker().clone());
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.check()?;
        let before = buf.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buf);
        if read.is_pending() {
            this.wait(cx);
        } else if buf.filled().len() > before && this.client.asked.get() == 0 {
            this.client.asked.set(this.watch.tick.get());
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.check()?;
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        if written.is_pending() {
            if this.client.stuck.get() == 0 {
                this.client.stuck.set(this.watch.tick.get());
            }
            this.wait(cx);
        } else {
            this.client.stuck.set(0);
            this.client.asked.set(0);
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
