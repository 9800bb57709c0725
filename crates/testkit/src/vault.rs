//! Master keys that are names only, in files that are none.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use keyward_domain::deployment::{
    Exchange, Fingerprint, MasterKeyVault, NextKey, TakeOver, VaultError, WrappedRoot,
};
use keyward_domain::entropy::{Entropy, random_bytes};
use keyward_domain::secret::Digest;

use crate::entropy::SeededEntropy;

/// Keeps a server's master key and the next one, and can be made to fail. For tests only.
pub struct FakeVault {
    take_over: TakeOver,
    entropy: Arc<SeededEntropy>,
    state: Mutex<State>,
}

struct State {
    running: Fingerprint,
    /// What a start finds.
    own: Fingerprint,
    next: Option<Fingerprint>,
    broken: bool,
}

impl FakeVault {
    /// Where the next key is.
    pub const PLACE: &'static str = "data/master.key.next";

    /// Of a server that was started with this key.
    pub const fn new(running: Fingerprint, take_over: TakeOver, entropy: Arc<SeededEntropy>) -> Self {
        let state = State { running, own: running, next: None, broken: false };
        Self { take_over, entropy, state: Mutex::new(state) }
    }

    /// Whether nothing can be written from now on.
    pub fn set_broken(&self, broken: bool) {
        self.state.lock().unwrap().broken = broken;
    }

    /// The server is started again, with the key that it finds.
    pub fn restart(&self) {
        let mut state = self.state.lock().unwrap();
        state.running = state.own;
    }

    /// Somebody puts the next key where a start finds it.
    pub fn install_next(&self) {
        let mut state = self.state.lock().unwrap();
        state.own = state.next.take().expect("a key that waits");
    }

    /// Somebody loses the next key.
    pub fn lose_next(&self) {
        self.state.lock().unwrap().next = None;
    }

    /// Somebody puts this key where the next one is made.
    pub fn plant_next(&self, key: Fingerprint) {
        self.state.lock().unwrap().next = Some(key);
    }

    /// The key that waits.
    pub fn waiting(&self) -> Option<Fingerprint> {
        self.state.lock().unwrap().next
    }

    /// The key that a start would find.
    pub fn found_by_a_start(&self) -> Fingerprint {
        self.state.lock().unwrap().own
    }

    /// The root, wrapped under this key.
    pub fn wrapped_under(master_key: Fingerprint) -> WrappedRoot {
        WrappedRoot { master_key, sealed: master_key.as_bytes().to_vec() }
    }

    fn write<T>(&self, write: impl FnOnce(&mut State) -> Result<T, VaultError>) -> Result<T, VaultError> {
        let mut state = self.state.lock().unwrap();
        if state.broken { Err(VaultError::Machine("no space".to_owned())) } else { write(&mut state) }
    }
}

#[async_trait]
impl MasterKeyVault for FakeVault {
    fn running(&self) -> Fingerprint {
        self.state.lock().unwrap().running
    }

    fn wrapped(&self) -> WrappedRoot {
        Self::wrapped_under(self.running())
    }

    fn take_over_is(&self) -> TakeOver {
        self.take_over
    }

    async fn next(&self) -> Result<Option<NextKey>, VaultError> {
        let next = self.waiting();
        let key = |next| NextKey { wrapped: Self::wrapped_under(next), place: Self::PLACE.to_owned() };
        Ok(next.map(key))
    }

    async fn next_or_new(&self) -> Result<NextKey, VaultError> {
        let entropy: &dyn Entropy = &*self.entropy;
        self.write(|state| {
            let fresh = || Fingerprint::new(Digest::new(random_bytes(entropy)));
            let key = *state.next.get_or_insert_with(fresh);
            Ok(NextKey { wrapped: Self::wrapped_under(key), place: Self::PLACE.to_owned() })
        })
    }

    async fn take_over(&self, exchange: Exchange) -> Result<(), VaultError> {
        self.write(|state| {
            if state.own != exchange.to {
                if state.next != Some(exchange.to) {
                    return Err(VaultError::NotThere(Self::PLACE.to_owned()));
                }
                state.next = None;
                state.own = exchange.to;
            }
            state.running = exchange.to;
            Ok(())
        })
    }

    async fn discard(&self, next: Fingerprint) -> Result<(), VaultError> {
        self.write(|state| {
            state.next = state.next.filter(|waiting| *waiting != next);
            Ok(())
        })
    }
}
