//! A secret in a request's body.

use keyward_domain::secret::Secret;
use serde::{Deserialize, Deserializer};

/// Text that is a secret from the moment it is read: it does not print and is wiped.
pub(crate) struct SecretText(Secret<String>);

impl SecretText {
    /// The secret itself.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}
