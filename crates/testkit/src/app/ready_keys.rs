//! Signing keys that are ready: making an RSA key takes longer than most tests.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::RsaKeyPair;
use keyward_domain::secret::Secret;
use keyward_domain::tokens::SigningAlgorithm;
use keyward_server::compose::ReadyKeys;

/// As many as most apps need, made when the first app needs them.
static RSA: [OnceLock<Vec<u8>>; 4] = [const { OnceLock::new() }; 4];

/// The RSA keys of one app: none twice, but the same in every app of this process. All others are made.
pub(super) fn ready_keys() -> ReadyKeys {
    let given = AtomicUsize::new(0);
    Arc::new(move |algorithm| match algorithm {
        SigningAlgorithm::Rs256 => {
            let ready = RSA.get(given.fetch_add(1, Ordering::Relaxed))?;
            Some(Secret::new(ready.get_or_init(made).clone()))
        }
        SigningAlgorithm::EdDsa | SigningAlgorithm::Es256 => None,
    })
}

fn made() -> Vec<u8> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    let der: Pkcs8V1Der<'_> = pair.as_der().expect("a private key");
    der.as_ref().to_vec()
}
