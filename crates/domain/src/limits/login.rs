//! The guard before a login with a password: whose it is, and what becomes of an attempt.

use std::time::Duration;

use unicode_normalization::UnicodeNormalization;

use super::{AdmitError, Attempt, GuardKey, LimitService, Limited, Network, Standing};
use crate::accounts::EmailAddress;
use crate::secret::Digest;
use crate::store::StoreError;

/// For how long a network is remembered from which an identity has logged in.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Who somebody says to be, whether or not there is such an account: all spellings of one identity are equal.
pub struct LoginIdentity(String);

impl LoginIdentity {
    /// An e-mail address.
    pub fn of_email(email: &EmailAddress) -> Self {
        Self(email.canonical().to_owned())
    }

    /// What was typed: an e-mail address, or else any text.
    pub fn typed(text: &str) -> Self {
        EmailAddress::parse(text).map_or_else(
            |_| Self(text.nfkc().collect::<String>().trim().to_lowercase()),
            |email| Self::of_email(&email),
        )
    }
}

/// An attempt that is counted until it is known how it ended. Dropped, it stays counted.
#[must_use]
pub(crate) struct LoginAttempt {
    /// Before which guard it was made; `None` if limits are off.
    guard: Option<GuardKey>,
    /// Names the identity at the network that it was made from.
    mark: Digest,
}

impl LimitService {
    /// Counts an attempt to log in, before its password is looked at.
    ///
    /// Security: who is known or unknown to the store is not asked, so a refusal tells nobody which accounts exist. From a
    /// network that this identity has logged in from before, attempts are counted by themselves: whoever tries from
    /// elsewhere does not hold its owner up.
    pub(crate) async fn attempt(
        &self,
        identity: &LoginIdentity,
        from: Network,
    ) -> Result<LoginAttempt, AdmitError> {
        let mark = self.name(b"keyward-login-network-1", identity, Some(from));
        if !self.policy.enabled {
            return Ok(LoginAttempt { guard: None, mark });
        }
        let (now, policy) = (self.clock.now(), self.policy.guard);
        let is_known = self.exact.remembers(mark, now).await?;
        let guard = if is_known { self.guard(identity, Some(from)) } else { self.guard(identity, None) };
        match self.exact.attempt(guard, policy, now).await? {
            Attempt::Allowed => Ok(LoginAttempt { guard: Some(guard), mark }),
            Attempt::Wait(wait) => {
                let reset_at = now.saturating_add(wait);
                let standing = Standing { limit: policy.free_failures, remaining: 0, reset_at, wait };
                Err(Limited { standing, window: policy.forgotten_after }.into())
            }
        }
    }

    /// The password was right: the failures before it are forgotten, and the network is known from now on.
    pub(crate) async fn login_succeeded(&self, attempt: LoginAttempt) -> Result<(), StoreError> {
        let Some(guard) = attempt.guard else {
            return Ok(());
        };
        self.exact.forgive(guard).await?;
        self.exact.remember(attempt.mark, self.clock.now().saturating_add(KNOWN_FOR)).await
    }

    /// Nobody knows whether the password was right.
    pub(crate) async fn login_undecided(&self, attempt: LoginAttempt) {
        if let Some(guard) = attempt.guard {
            // An attempt that cannot be taken back stays counted: the safe side.
            let _ = self.exact.withdraw(guard).await;
        }
    }

    /// Forgets the attempts to log in as this identity, in general and from there, such as when its password was reset
    /// from there by mail.
    pub async fn forgive_identity(&self, email: &EmailAddress, from: Network) -> Result<(), StoreError> {
        if !self.policy.enabled {
            return Ok(());
        }
        let identity = LoginIdentity::of_email(email);
        self.exact.forgive(self.guard(&identity, None)).await?;
        self.exact.forgive(self.guard(&identity, Some(from))).await
    }

    fn guard(&self, identity: &LoginIdentity, network: Option<Network>) -> GuardKey {
        GuardKey(self.name(b"keyward-login-guard-1", identity, network))
    }

    /// No two of a purpose, an identity and a network have the same name.
    fn name(&self, purpose: &[u8], identity: &LoginIdentity, network: Option<Network>) -> Digest {
        let network = network.map(|network| network.first_address().to_string()).unwrap_or_default();
        let identity = identity.0.as_bytes();
        self.mac.mac(&[purpose, b"\0", network.as_bytes(), b"\0", identity].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_g4_spellings_of_one_identity_are_equal() {
        for (one, other) in [
            ("Alpha@Example.com", " alpha@EXAMPLE.COM "),
            ("jos\u{e9}@example.com", "jose\u{301}@example.com"),
            ("a@b\u{fc}cher.example", "a@xn--bcher-kva.example"),
            ("AlphaBot", "  alphabot "),
            ("\u{ff21}lphaBot", "alphabot"),
        ] {
            assert_eq!(LoginIdentity::typed(one).0, LoginIdentity::typed(other).0, "{one}");
        }
        assert_ne!(LoginIdentity::typed("alpha").0, LoginIdentity::typed("beta").0);
    }
}
