//! What a credential may be narrowed to.
//!
//! A credential without scopes has all rights of its owner, and today none has any: keys and tokens are issued
//! without. Routes name the scope that a narrowed credential will need, so that each has one from its first day.

use crate::text_enum;

text_enum! {
    /// One right that a narrowed credential can have.
    pub enum Scope {
        /// Look at the account.
        AccountRead = "account:read",
        /// Create, change and end the account's agents.
        AgentsManage = "agents:manage",
    }
}
