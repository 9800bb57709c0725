//! Live and sandbox: two worlds that never touch.

use crate::text_enum;

text_enum! {
    /// Which of the two worlds a key, token or agent belongs to. The database row decides, and the value is
    /// part of every key's MAC and every token's signature; a prefix only shows it.
    pub enum Environment {
        /// The real thing.
        Live = "live",
        /// A copy to try things out in: reads, acts on and is delegated nothing that is live.
        Sandbox = "sandbox",
    }
}
