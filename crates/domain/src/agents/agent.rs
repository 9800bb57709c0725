//! The agent: its type and its states.

use std::fmt;

use crate::accounts::{DisplayName, Epoch, StartingBalance};
use crate::environment::Environment;
use crate::ids::{AccountId, AgentId};
use crate::text::{InvalidText, printable};
use crate::time::Instant;

/// A program that acts for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Names the agent; never changes.
    pub id: AgentId,
    /// The account it acts for.
    pub account: AccountId,
    /// What people call it.
    pub name: AgentName,
    /// The world it lives in.
    pub environment: Environment,
    /// Whether it may act.
    pub status: AgentStatus,
    /// The current epoch of its tokens.
    pub epoch: Epoch,
    /// An attribute for the platform behind.
    pub starting_balance: StartingBalance,
    /// When it was made.
    pub created_at: Instant,
}

/// Whether an agent may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentStatus {
    /// It may.
    Active,
    /// It has ended, for good.
    Archived {
        /// When.
        since: Instant,
    },
}

/// What a credential check needs to know of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentStanding {
    /// Whether it may act.
    pub status: AgentStatus,
    /// The current epoch of its tokens.
    pub epoch: Epoch,
}

/// The name that people call an agent by: 1 to 100 characters in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentName(String);

impl AgentName {
    /// The most characters that a name may have.
    pub const MAX_CHARS: usize = 100;

    /// Reads a name, dropping surrounding white space.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        printable(text, Self::MAX_CHARS).map(|name| Self(name.to_owned()))
    }

    /// The name of an account's first agent: `AlphaBot's Agent`.
    pub fn first_of(owner: &DisplayName) -> Self {
        Self(format!("{owner}'s Agent")) // At most 64 + 8 characters, and as printable as the owner's name.
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AgentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
