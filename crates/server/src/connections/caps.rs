//! How many connections there may be, in all and from one place.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyward_domain::limits::Network;

use super::ConnectionCounts;

/// Counts open connections. The clones are one.
#[derive(Debug, Clone)]
pub struct Caps(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    total: usize,
    per_network: usize,
    exempt: Vec<(IpAddr, u8)>,
    counts: Arc<ConnectionCounts>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_network: HashMap<Network, usize>,
}

/// The right to one connection, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    caps: Caps,
    network: Option<Network>,
}

impl Caps {
    /// At most `total`, and `per_network` from one IPv4 address or IPv6 /64, but for the networks in `exempt`.
    pub fn new(
        total: usize,
        per_network: usize,
        exempt: Vec<(IpAddr, u8)>,
        counts: Arc<ConnectionCounts>,
    ) -> Self {
        Self(Arc::new(Inner { total, per_network, exempt, counts, open: Mutex::default() }))
    }

    /// A place for a connection from there, if one is left.
    pub(super) fn admit(&self, peer: IpAddr) -> Option<Place> {
        let network = (!self.0.is_exempt(peer)).then(|| Network::of(peer));
        let mut open = self.0.open();
        if open.total >= self.0.total {
            self.0.counts.too_many.increment();
            return None;
        }
        if let Some(network) = network {
            let count = open.by_network.entry(network).or_default();
            if *count >= self.0.per_network {
                self.0.counts.too_many_of_one.increment();
                return None;
            }
            *count += 1;
        }
        open.total += 1;
        self.0.counts.open.set(open.total as f64);
        Some(Place { caps: self.clone(), network })
    }
}

impl Inner {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether many clients stand behind this one: a proxy, or this machine.
    fn is_exempt(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        peer.is_loopback() || self.exempt.iter().any(|(first, bits)| is_within(peer, *first, *bits))
    }
}

/// Whether both have the same first bits.
fn is_within(address: IpAddr, first: IpAddr, bits: u8) -> bool {
    match (address, first) {
        (IpAddr::V4(address), IpAddr::V4(first)) => {
            let differing = u32::from(address) ^ u32::from(first);
            differing.leading_zeros() >= u32::from(bits)
        }
        (IpAddr::V6(address), IpAddr::V6(first)) => {
            let differing = u128::from(address) ^ u128::from(first);
            differing.leading_zeros() >= u32::from(bits)
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.caps.0.open();
        open.total -= 1;
        self.caps.0.counts.open.set(open.total as f64);
        let Some(network) = self.network else { return };
        if let Entry::Occupied(mut count) = open.by_network.entry(network) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// How many files this process may have open, connections included, where the system says so.
pub fn most_files() -> Option<usize> {
    soft_limit(&fs::read_to_string("/proc/self/limits").ok()?)
}

fn soft_limit(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn threat_d2_one_address_has_only_so_many_connections() {
        let exempt = vec![(ip("10.0.0.0"), 8), (ip("2001:db8:ffff::"), 48)];
        let counts = Arc::<ConnectionCounts>::default();
        let caps = Caps::new(100, 2, exempt, counts.clone());
        let places: Vec<Place> = [0, 1].iter().filter_map(|_| caps.admit(ip("192.0.2.1"))).collect();
        assert_eq!(places.len(), 2);
        for alias in ["192.0.2.1", "::ffff:192.0.2.1"] {
            assert!(caps.admit(ip(alias)).is_none(), "{alias}");
        }
        let neighbours = [caps.admit(ip("2001:db8::1")), caps.admit(ip("2001:db8::2"))];
        assert!(neighbours.iter().all(Option::is_some));
        assert!(caps.admit(ip("2001:db8::ffff:3")).is_none(), "one network of 64 bits");
        assert!(caps.admit(ip("2001:db8:0:1::1")).is_some());
        let exempt = ["10.9.8.7", "::ffff:10.9.8.7", "127.0.0.1", "::1", "2001:db8:ffff:1::1"];
        let many: Vec<Place> =
            exempt.iter().flat_map(|text| (0..9).filter_map(|_| caps.admit(ip(text)))).collect();
        assert_eq!(many.len(), 45, "a proxy has as many as it needs");
        assert_eq!(counts.open.get(), 2.0 + 2.0 + 45.0);
        drop(places);
        assert_eq!(counts.open.get(), 2.0 + 45.0);
        assert!(caps.admit(ip("192.0.2.1")).is_some());
        assert_eq!((counts.too_many.get(), counts.too_many_of_one.get()), (0, 3));
    }

    #[test]
    fn threat_d2_all_together_have_only_so_many_connections_and_none_is_counted_for_ever() {
        let counts = Arc::<ConnectionCounts>::default();
        let caps = Caps::new(3, 2, Vec::new(), counts.clone());
        for _ in 0..5 {
            let places: Vec<Place> =
                (1..9_u8).filter_map(|last| caps.admit([192, 0, 2, last].into())).collect();
            assert_eq!(places.len(), 3);
            assert!(caps.admit(ip("127.0.0.1")).is_none());
        }
        let open = caps.0.open();
        assert_eq!((open.total, open.by_network.len()), (0, 0));
        assert_eq!((counts.open.get(), counts.too_many.get()), (0.0, 5 * (5 + 1)));
    }

    #[test]
    fn the_systems_limit_is_read() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max open files            1024                 524288               files     \n";
        assert_eq!(soft_limit(limits), Some(1024));
        assert_eq!(soft_limit("Max open files            unlimited  unlimited  files"), None);
        assert!(most_files().is_some());
    }
}
