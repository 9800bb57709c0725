//! The bucket: what is counted, and for whom.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::accounts::Plan;
use crate::ids::{AccountId, AgentId, KeyId};
use crate::secret::Digest;
use crate::text_enum;

text_enum! {
    /// What is counted. The name stands in stores, metrics and the configuration.
    pub enum LimitName {
        /// New accounts and autonomous agents, over all dialects.
        NewAccounts = "new_accounts",
        /// Checks of passwords, over all dialects and the portal.
        PasswordChecks = "password_checks",
        /// Credentials that turned out to be no good.
        FailedCredentials = "failed_credentials",
        /// Admin keys that turned out to be no good.
        FailedAdminKeys = "failed_admin_keys",
        /// Requests without a credential, at whatever has no limit of its own.
        Anonymous = "anonymous",
        /// Requests to operations: the JWKS, metrics, the description of the API.
        Operations = "operations",
        /// Requests to the admin API.
        Admin = "admin",
        /// Checks of a good credential at `/forward-auth`.
        ForwardAuth = "forward_auth",
        /// TradeReady: requests of an account.
        TradereadyGeneral = "tradeready.general",
        /// TradeReady: registrations.
        TradereadyRegister = "tradeready.register",
        /// TradeReady: logins by key and by password together.
        TradereadyLogin = "tradeready.login",
        /// TradeReady: requests that send a mail.
        TradereadyMail = "tradeready.mail",
        /// TradeReady: tokens out of a mail that are tried.
        TradereadyConfirm = "tradeready.confirm",
        /// TruCore: requests by a key, or by an account's tokens that no key was exchanged for.
        TrucoreGeneral = "trucore.general",
        /// TruCore: sign-ups.
        TrucoreSignup = "trucore.signup",
        /// TruCore: logins with a password.
        TrucoreLogin = "trucore.login",
        /// TruCore: requests that send a mail.
        TrucoreMail = "trucore.mail",
        /// TruCore: tokens out of a mail that are tried.
        TrucoreConfirm = "trucore.confirm",
        /// Agora: requests.
        AgoraGeneral = "agora.general",
        /// The portal: its pages.
        PortalPages = "portal.pages",
        /// The portal: accounts that somebody tries to make.
        PortalSignup = "portal.signup",
        /// The portal: logins.
        PortalLogin = "portal.login",
        /// The portal: requests that send a mail.
        PortalMail = "portal.mail",
        /// The portal: tokens out of a mail that are tried.
        PortalConfirm = "portal.confirm",
    }
}

/// Whose bucket it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimitSubject {
    /// An account on a plan: another plan is another bucket, a full one.
    Account(AccountId, Plan),
    /// An agent.
    Agent(AgentId),
    /// A key.
    Key(KeyId),
    /// Whoever asks from this network.
    Network(Network),
}

/// One bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bucket {
    /// What is counted.
    pub limit: LimitName,
    /// For whom.
    pub subject: LimitSubject,
}

impl Bucket {
    /// The bucket of a network.
    pub const fn at(limit: LimitName, network: Network) -> Self {
        Self { limit, subject: LimitSubject::Network(network) }
    }

    /// The plan that it is on. What has none is as if on the free one.
    pub const fn plan(&self) -> Plan {
        match self.subject {
            LimitSubject::Account(_, plan) => plan,
            LimitSubject::Agent(_) | LimitSubject::Key(_) | LimitSubject::Network(_) => Plan::Free,
        }
    }
}

/// Where a client asks from, as far as limits tell clients apart: one IPv4 address, or one IPv6 network of 64 bits,
/// which is the least that one customer is given (RFC 6177).
///
/// Security: an IPv4 address that is written as an IPv6 one (`::ffff:192.0.2.1`) is the IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network(IpAddr);

impl Network {
    /// Where those are who come from nowhere: what the server does by itself.
    pub const NOWHERE: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));

    /// The network of this address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(IpAddr::V4(address)),
            IpAddr::V6(address) => {
                let network = u128::from(address) & !u128::from(u64::MAX);
                Self(IpAddr::V6(Ipv6Addr::from(network)))
            }
        }
    }

    /// Its first address.
    pub const fn first_address(self) -> IpAddr {
        self.0
    }
}

impl Bucket {
    /// The bucket as bytes, no two alike, for a MAC or a key in a shared store.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        let name = self.limit.as_str();
        bytes.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(name.as_bytes());
        match self.subject {
            LimitSubject::Account(id, plan) => {
                bytes.push(1);
                bytes.extend_from_slice(id.as_uuid().as_bytes());
                bytes.extend_from_slice(plan.as_str().as_bytes());
            }
            LimitSubject::Agent(id) => {
                bytes.push(2);
                bytes.extend_from_slice(id.as_uuid().as_bytes());
            }
            LimitSubject::Key(id) => {
                bytes.push(3);
                bytes.extend_from_slice(id.as_uuid().as_bytes());
            }
            LimitSubject::Network(Network(IpAddr::V4(address))) => {
                bytes.push(4);
                bytes.extend_from_slice(&address.octets());
            }
            LimitSubject::Network(Network(IpAddr::V6(address))) => {
                bytes.push(5);
                bytes.extend_from_slice(&address.octets());
            }
        }
        bytes
    }
}

/// Port: names a bucket or an identity in a store, so that neither addresses nor e-mail addresses rest there.
pub trait LimitMac: Send + Sync {
    /// HMAC of these bytes under a key that serves nothing else.
    fn mac(&self, bytes: &[u8]) -> Digest;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> Network {
        Network::of(address.parse().unwrap())
    }

    #[test]
    fn threat_d10_spellings_of_one_address_are_one_network() {
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
        assert_eq!(network("2001:db8::1"), network("2001:0db8:0:0:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }

    #[test]
    fn no_two_buckets_have_the_same_bytes() {
        let account = AccountId::from_uuid(uuid::Uuid::from_u128(1));
        let subjects = [
            LimitSubject::Account(account, Plan::Free),
            LimitSubject::Account(account, Plan::Pro),
            LimitSubject::Agent(AgentId::from_uuid(account.as_uuid())),
            LimitSubject::Key(KeyId::from_uuid(account.as_uuid())),
            LimitSubject::Network(network("::1")),
            LimitSubject::Network(network("0.0.0.1")),
        ];
        let mut seen = std::collections::BTreeSet::new();
        for limit in [LimitName::Admin, LimitName::Anonymous] {
            for subject in subjects {
                assert!(seen.insert(Bucket { limit, subject }.bytes()));
            }
        }
    }
}
