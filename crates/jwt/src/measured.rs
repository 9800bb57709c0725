//! What the key ring tells of itself.

use keyward_domain::metrics::{Figures, Measured};

use crate::KeyRing;

impl Measured for KeyRing {
    fn measure(&self, figures: &mut Figures) {
        let family = figures.gauge("keyward_signing_keys", "The keys that sign or verify tokens, by state.");
        for (state, keys) in self.keys().by_state() {
            family.count(&[("state", state)], keys);
        }
        figures
            .counter(
                "keyward_token_signatures_verified_total",
                "Signatures that were computed to check a token.",
            )
            .count(&[], self.signatures_verified());
        figures
            .gauge("keyward_tokens_remembered", "Tokens whose signature need not be verified again.")
            .count(&[], self.tokens_remembered() as u64);
    }
}
