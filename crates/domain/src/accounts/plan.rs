//! The plan: what an account has booked.

use crate::text_enum;

text_enum! {
    /// What an account has booked: it drives rate limits.
    pub enum Plan {
        /// What everybody begins with.
        Free = "free",
        /// The middle one.
        Pro = "pro",
        /// The largest one.
        Enterprise = "enterprise",
    }
}

#[allow(clippy::derivable_impls, reason = "the macro that declares the enum marks no default")]
impl Default for Plan {
    fn default() -> Self {
        Self::Free
    }
}
