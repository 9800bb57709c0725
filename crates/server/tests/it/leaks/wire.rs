//! Requests byte by byte: also such as no client library would send.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// A request.
#[derive(Clone)]
pub(super) struct Ask {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// What came back, head and body.
pub(super) struct Reply {
    /// Zero, if the connection was cut.
    pub(super) status: u16,
    pub(super) text: Vec<u8>,
}

impl Ask {
    pub(super) fn new(method: &str, target: &str) -> Self {
        Self { method: method.to_owned(), target: target.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same to this host, unless it names another.
    pub(super) fn to_host(self, host: &str) -> Self {
        let names_one = self.headers.iter().any(|(name, _)| name == "Host");
        if names_one { self } else { self.with("Host", host) }
    }

    pub(super) fn bearing(self, token: &str) -> Self {
        self.with("Authorization", &format!("Bearer {token}"))
    }

    pub(super) fn body(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.with("Content-Type", kind)
    }

    pub(super) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Sends it, on a connection of its own.
    pub(super) fn send(&self, address: &str) -> Reply {
        let mut stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a deadline");
        let mut request = format!("{} {} HTTP/1.1\r\nConnection: close\r\n", self.method, self.target);
        if !self.headers.iter().any(|(name, _)| name == "Host") {
            request.push_str("Host: keyward.test\r\n");
        }
        for (name, value) in &self.headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n", self.body.len()));
        // A server that has refused may have closed already.
        let _ = stream.write_all(&[request.as_bytes(), &self.body].concat());
        let mut text = Vec::new();
        let _ = stream.read_to_end(&mut text);
        let head = String::from_utf8_lossy(text.get(..16).unwrap_or_default()).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.get(..3)?.parse().ok()).unwrap_or(0);
        Reply { status, text }
    }
}

impl Reply {
    pub(super) fn body(&self) -> &[u8] {
        let end = self.text.windows(4).position(|window| window == b"\r\n\r\n");
        end.map_or(&[], |end| &self.text[end + 4..])
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(self.body()).unwrap_or(Value::Null)
    }
}
