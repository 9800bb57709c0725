//! A client that asks one thing after the other over one connection: for what is done before anything is measured.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// A connection.
pub(super) struct Client(BufReader<TcpStream>);

impl Client {
    pub(super) fn connect(server: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Posts JSON, and answers the JSON of a success.
    pub(super) fn post(&mut self, path: &str, body: &Value) -> Result<Value> {
        let body = body.to_string();
        let head = "Host: bench\r\nContent-Type: application/json";
        let length = body.len();
        let (status, answer) =
            self.send(&format!("POST {path} HTTP/1.1\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}"))?;
        ensure!(
            (200..300).contains(&status),
            "{path} answers {status}: {}",
            String::from_utf8_lossy(&answer)
        );
        serde_json::from_slice(&answer).context("no JSON")
    }

    /// The status of a `GET`.
    pub(super) fn get(&mut self, path: &str) -> Result<u16> {
        Ok(self.send(&format!("GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n"))?.0)
    }

    fn send(&mut self, request: &str) -> Result<(u16, Vec<u8>)> {
        self.0.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let status = line.split_whitespace().nth(1).and_then(|status| status.parse().ok());
        let status = status.context("the answer has no status")?;
        let mut length = 0;
        loop {
            line.clear();
            self.0.read_line(&mut line)?;
            let header = line.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(stated) = header.strip_prefix("content-length:") {
                length = stated.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok((status, body))
    }
}
