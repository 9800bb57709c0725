//! The dialects: one vendor's HTTP surface each, over the one domain.

mod agora;
mod mount;
mod table;
mod tradeready;
mod trucore;

use keyward_domain::text_enum;

pub(crate) use mount::{addressed, mount, mount_at_hosts};
pub use table::is_spoken;
pub(crate) use table::{DIALECTS, Dialect};

text_enum! {
    /// A vendor whose public auth document a dialect speaks.
    pub enum DialectName {
        /// Agora.
        Agora = "agora",
        /// Agrenting.
        Agrenting = "agrenting",
        /// ToroMarket.
        Toromarket = "toromarket",
        /// TradeReady.
        Tradeready = "tradeready",
        /// TruCore.
        Trucore = "trucore",
    }
}
