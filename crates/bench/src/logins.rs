//! Many clients that log in with a password at the same time, and wait as long as `Retry-After` says where it says so.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::rt;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Fallible;

const PATH: &str = "/tradeready/api/v1/auth/user-login";

/// What became of the logins.
#[derive(Default)]
struct Tally {
    succeeded: AtomicU64,
    put_off: AtomicU64,
    other: AtomicU64,
}

pub(crate) fn run(server: SocketAddr, body: &str, clients: usize, seconds: f64) -> Fallible<()> {
    let request: Arc<str> = format!(
        "POST {PATH} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into();
    let tally = Arc::new(Tally::default());
    rt::System::new().block_on(async {
        let tasks: Vec<_> = (0..clients)
            .map(|_| rt::spawn(log_in_for_ever(server, Arc::clone(&request), Arc::clone(&tally))))
            .collect();
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        tasks.iter().for_each(rt::task::JoinHandle::abort);
    });
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (succeeded, put_off, other) = (count(&tally.succeeded), count(&tally.put_off), count(&tally.other));
    println!("{}", json!({ "succeeded": succeeded, "put_off": put_off, "other": other }));
    Ok(())
}

async fn log_in_for_ever(server: SocketAddr, request: Arc<str>, tally: Arc<Tally>) {
    loop {
        // A connection that the server has closed is made anew.
        if log_in_over_one(server, &request, &tally).await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn log_in_over_one(server: SocketAddr, request: &str, tally: &Tally) -> Fallible<()> {
    let mut stream = TcpStream::connect(server).await?;
    loop {
        stream.write_all(request.as_bytes()).await?;
        let answer = read(&mut stream).await?;
        let head = answer.to_ascii_lowercase();
        match head.split_whitespace().nth(1) {
            Some("200") => tally.succeeded.fetch_add(1, Ordering::Relaxed),
            Some("429" | "503") => tally.put_off.fetch_add(1, Ordering::Relaxed),
            Some(_) | None => tally.other.fetch_add(1, Ordering::Relaxed),
        };
        if let Some(seconds) = header(&head, "retry-after:") {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
        }
    }
}

/// Reads one answer with a stated length.
async fn read(stream: &mut TcpStream) -> Fallible<String> {
    let mut answer = Vec::new();
    loop {
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(answer.get(..end).unwrap_or_default()).into_owned();
            let body = header(&head.to_ascii_lowercase(), "content-length:").unwrap_or(0);
            if answer.len() as u64 >= end as u64 + 4 + body {
                return Ok(head);
            }
        }
        if stream.read_buf(&mut answer).await? == 0 {
            return Err("the server has closed the connection".into());
        }
    }
}

fn header(head: &str, name: &str) -> Option<u64> {
    head.lines().find_map(|line| line.strip_prefix(name))?.trim().parse().ok()
}
