//! Tokens as no client library would send them, byte by byte over a socket.

use std::io::{Read, Write};
use std::net::TcpStream;

use keyward_domain::tokens::SigningAlgorithm;

use super::server;

/// The families of protected routes.
const PATHS: [&str; 3] = ["/tradeready/api/v1/account/info", "/trucore/dashboard/me", "/forward-auth"];

/// The status of the answer to a request with this after `Bearer`.
fn status(server: &str, path: &str, token: &[u8]) -> u16 {
    let address = server.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("a server that listens");
    let head =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer ");
    stream.write_all(&[head.as_bytes(), token, b"\r\n\r\n"].concat()).expect("a server that reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer, and the end");
    let line = String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned();
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.unwrap_or_else(|| panic!("no answer but {line:?}"))
}

#[test]
fn threat_j11_what_a_header_cannot_carry_or_is_too_long_is_refused_and_harms_nobody() {
    let (_place, server, token, _) = server(SigningAlgorithm::EdDsa);
    let with = |bytes: &[u8]| [token.as_bytes(), bytes].concat();
    for path in PATHS {
        assert_eq!(status(&server.url, path, token.as_bytes()), 200, "{path}");
        for bytes in
            [&b"\0"[..], b"\x01", b"\x7f", b"\r", b"\nx", b"\r\n folded", b"\r\nAuthorization: Bearer x"]
        {
            let seen = status(&server.url, path, &with(bytes));
            assert!(matches!(seen, 400 | 401), "{path} {bytes:?}: {seen}");
        }
        for length in [8_192, 60_000] {
            assert_eq!(status(&server.url, path, &vec![b'a'; length]), 401, "{path} {length}");
        }
        assert_eq!(status(&server.url, path, token.as_bytes()), 200, "{path}");
    }
}
