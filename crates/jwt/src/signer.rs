//! Signs tokens: with aws-lc directly, by keys that were parsed once, which halves the cost.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keyward_domain::secret::Secret;
use keyward_domain::tokens::{AccessToken, NoSigningKey, SigningAlgorithm, TokenSigner};

use crate::claims::JwtClaims;
use crate::key_ring::KeyRing;

impl TokenSigner for KeyRing {
    fn sign(&self, token: &AccessToken, algorithm: SigningAlgorithm) -> Result<Secret<String>, NoSigningKey> {
        let keys = self.keys();
        let active = keys.signing(algorithm).ok_or(NoSigningKey(algorithm))?;
        let mut text = active.header.clone();
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(JwtClaims::of(token, &self.issuer).to_json(), &mut text);
        // The key has signed before, when it was opened: only a machine without memory gets here.
        let signature = active.pair.sign(text.as_bytes()).map_err(|_| NoSigningKey(algorithm))?;
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut text);
        Ok(Secret::new(text))
    }
}
