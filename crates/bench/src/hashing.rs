//! Bare argon2id: with the server's parameters, and with memory that is kept from hash to hash as the server's is.

use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::{Fallible, measure};

/// The parameters of `keyward-crypto`, which keeps them to itself: m=19456, t=2, p=1.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

pub(crate) fn run(seconds: f64) -> Fallible<()> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).map_err(|error| error.to_string())?;
    let mut memory = vec![Block::default(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut output = [0; 32];
    measure::repeat(seconds, || {
        argon2
            .hash_password_into_with_memory(b"correct horse", &[7; 16], &mut output, memory.as_mut_slice())
            .map_err(|error| error.to_string().into())
    })
}
