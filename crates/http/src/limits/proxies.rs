//! Where a client is: the peer's address, or the one that a trusted proxy says.

use std::net::IpAddr;

use actix_web::dev::RequestHead;
use actix_web::http::header::{HeaderName, X_FORWARDED_FOR};
use keyward_domain::limits::Network;

/// The proxies whose `X-Forwarded-For` counts.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<Range>);

/// A range of addresses (RFC 4632): all that begin with the same bits.
#[derive(Debug, Clone, Copy)]
struct Range {
    first: IpAddr,
    bits: u8,
}

const FORWARDED_FOR: HeaderName = X_FORWARDED_FOR;

impl TrustedProxies {
    /// The proxies at addresses that begin with so many of the bits of these.
    pub fn at(ranges: impl IntoIterator<Item = (IpAddr, u8)>) -> Self {
        Self(ranges.into_iter().map(Range::of).collect())
    }

    /// Where the client of this request is. One without a peer, as on no socket, is nowhere.
    ///
    /// Security: what a client writes into the header itself stands left of what the proxies wrote, and is never reached:
    /// the list is read from the right, past trusted proxies only, and ends at the first that is none, or at anything that
    /// is no address.
    pub(crate) fn client(&self, request: &RequestHead) -> Network {
        let Some(peer) = request.peer_addr.map(|peer| peer.ip().to_canonical()) else {
            return Network::NOWHERE;
        };
        if self.0.is_empty() || !self.trust(peer) {
            return Network::of(peer);
        }
        Network::of(self.forwarded_for(request, peer))
    }

    fn forwarded_for(&self, request: &RequestHead, peer: IpAddr) -> IpAddr {
        let mut nearest = peer;
        // Several lines are one list (RFC 9110, section 5.3).
        let lines: Vec<_> = request.headers().get_all(FORWARDED_FOR).collect();
        for line in lines.into_iter().rev() {
            let Ok(line) = line.to_str() else { return nearest };
            for hop in line.rsplit(',').map(str::trim).filter(|hop| !hop.is_empty()) {
                let Some(address) = address(hop) else { return nearest };
                nearest = address;
                if !self.trust(address) {
                    return nearest;
                }
            }
        }
        nearest
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.holds(address))
    }
}

impl Range {
    /// A range of IPv6 addresses that are IPv4 addresses is a range of IPv4 addresses.
    fn of((first, bits): (IpAddr, u8)) -> Self {
        match (first, first.to_canonical()) {
            (IpAddr::V6(_), canonical @ IpAddr::V4(_)) if bits >= 96 => {
                Self { first: canonical, bits: bits - 96 }
            }
            (first, _) => Self { first, bits },
        }
    }

    fn holds(self, address: IpAddr) -> bool {
        let bits = u32::from(self.bits);
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let differing = u32::from(first) ^ u32::from(address);
                differing.checked_shr(32_u32.saturating_sub(bits)).unwrap_or(0) == 0
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let differing = u128::from(first) ^ u128::from(address);
                differing.checked_shr(128_u32.saturating_sub(bits)).unwrap_or(0) == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// An address as proxies write it: with a port or without, an IPv6 one in brackets or without.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = match hop.strip_prefix('[') {
        Some(rest) => {
            let (inside, port) = rest.split_once(']')?;
            if !(port.is_empty() || port.strip_prefix(':').is_some_and(is_port)) {
                return None;
            }
            inside
        }
        None => match hop.split_once(':') {
            Some((before, port)) if is_port(port) && before.contains('.') => before,
            Some(_) | None => hop,
        },
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const PROXIES: &[(&str, u8)] = &[("10.0.0.0", 8), ("2001:db8:ffff::", 48), ("::ffff:192.168.0.0", 112)];

    fn client(trusted: &[(&str, u8)], peer: &str, lines: &[&str]) -> IpAddr {
        let proxies = TrustedProxies::at(trusted.iter().map(|(first, bits)| (first.parse().unwrap(), *bits)));
        let peer: IpAddr = peer.parse().unwrap();
        let mut request = TestRequest::get().peer_addr((peer, 1_234).into());
        for line in lines {
            request = request.append_header(("x-forwarded-for", *line));
        }
        proxies.client(request.to_http_request().head()).first_address()
    }

    fn is(found: IpAddr, expected: &str) -> bool {
        found == expected.parse::<IpAddr>().unwrap()
    }

    #[test]
    fn threat_d10_what_nobody_trusted_says_does_not_count() {
        for lines in [
            &["192.0.2.7"][..],
            &["192.0.2.7, 10.0.0.1"],
            &["10.0.0.1"],
            &["", ","],
            &["192.0.2.7", "192.0.2.8"],
        ] {
            assert!(is(client(&[], "198.51.100.1", lines), "198.51.100.1"), "{lines:?}");
            assert!(is(client(PROXIES, "198.51.100.1", lines), "198.51.100.1"), "{lines:?}");
            assert!(is(client(&[], "10.0.0.1", lines), "10.0.0.1"), "{lines:?}");
        }
    }

    #[test]
    fn threat_d10_the_rightmost_address_that_is_no_proxy_s_is_the_client_s() {
        for (lines, expected) in [
            (&["192.0.2.7"][..], "192.0.2.7"),
            (&["192.0.2.66, 192.0.2.7"], "192.0.2.7"),
            (&["192.0.2.66, 192.0.2.7, 10.1.2.3"], "192.0.2.7"),
            (&["192.0.2.66", "192.0.2.7", "10.1.2.3, 10.4.5.6"], "192.0.2.7"),
            (&["192.0.2.66, 192.0.2.7,,", " , "], "192.0.2.7"),
            (&["192.0.2.7, 2001:db8:ffff::1, 192.168.1.1"], "192.0.2.7"),
            (&["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
            (&[], "10.0.0.1"),
            (&[""], "10.0.0.1"),
        ] {
            assert!(is(client(PROXIES, "10.0.0.1", lines), expected), "{lines:?}");
        }
    }

    #[test]
    fn threat_d10_all_spellings_of_an_address_are_one_network() {
        for spelling in
            ["192.0.2.7", "192.0.2.7:443", "::ffff:192.0.2.7", "[::ffff:192.0.2.7]:443", "[::FFFF:C000:207]"]
        {
            assert!(is(client(PROXIES, "10.0.0.1", &[spelling]), "192.0.2.7"), "{spelling}");
        }
        for spelling in ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:443", "2001:DB8:0:0:1:2:3:4"] {
            assert!(is(client(PROXIES, "10.0.0.1", &[spelling]), "2001:db8::"), "{spelling}");
        }
        assert!(is(client(&[], "::ffff:192.0.2.7", &[]), "192.0.2.7"));
        assert!(is(client(PROXIES, "::ffff:10.0.0.1", &["192.0.2.7"]), "192.0.2.7"));
    }

    #[test]
    fn threat_d10_what_is_no_address_ends_the_list() {
        for junk in [
            "unknown",
            "_hidden",
            "localhost",
            "192.0.2",
            "192.0.2.07",
            "192.0.2.7:",
            "192.0.2.7:99999",
            "[2001:db8::1",
            "[2001:db8::1]x",
            "2001:db8::1]",
            "fe80::1%eth0",
            "1.2.3.4.5",
            "0x7f.1",
            "3221225991",
            "\"192.0.2.7\"",
            "192.0.2.7;x",
            "::ffff:192.0.2.7/96",
        ] {
            assert!(is(client(PROXIES, "10.0.0.1", &[junk]), "10.0.0.1"), "{junk}");
            let behind = format!("192.0.2.66, {junk}, 10.9.9.9");
            assert!(is(client(PROXIES, "10.0.0.1", &[&behind]), "10.9.9.9"), "{junk}");
        }
        assert!(is(client(PROXIES, "10.0.0.1", &["192.0.2.66", "\u{e9}"]), "10.0.0.1"));
    }

    #[test]
    fn a_range_holds_what_begins_with_its_bits() {
        for (first, bits, inside, outside) in [
            ("10.0.0.0", 8, "10.255.0.1", "11.0.0.0"),
            ("192.0.2.7", 32, "192.0.2.7", "192.0.2.6"),
            ("192.0.2.0", 25, "192.0.2.127", "192.0.2.128"),
            ("2001:db8::", 32, "2001:db8:ffff::1", "2001:db9::"),
            ("::1", 128, "::1", "::2"),
        ] {
            let range = Range::of((first.parse().unwrap(), bits));
            assert!(
                range.holds(inside.parse().unwrap()) && !range.holds(outside.parse().unwrap()),
                "{first}/{bits}"
            );
        }
    }
}
