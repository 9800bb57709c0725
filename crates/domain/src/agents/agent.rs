//! The agent: its type and its states.

use std::fmt;

use super::{AgentAttributes, Color, DrawnAvatar};
use crate::accounts::{DisplayName, Epoch, StartingBalance};
use crate::environment::Environment;
use crate::ids::{AccountId, AgentId};
use crate::principal::Owner;
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
    /// What else is said of it.
    pub attributes: AgentAttributes,
    /// When it was made.
    pub created_at: Instant,
    /// When anything of it last changed, its key included.
    pub updated_at: Instant,
}

impl Agent {
    /// An agent that was made now.
    pub const fn made(
        id: AgentId,
        owner: Owner,
        name: AgentName,
        starting_balance: StartingBalance,
        attributes: AgentAttributes,
        now: Instant,
    ) -> Self {
        let Owner { account, environment } = owner;
        Self {
            id,
            account,
            name,
            environment,
            status: AgentStatus::Active,
            epoch: Epoch::FIRST,
            starting_balance,
            attributes,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whose it is.
    pub const fn owner(&self) -> Owner {
        Owner { account: self.account, environment: self.environment }
    }

    /// The colour that it is shown in: the given one, else one that its id picks.
    pub fn color(&self) -> Color {
        self.attributes.color.unwrap_or_else(|| Color::picked_by(self.id))
    }

    /// The picture that it is shown with while it has none of its own.
    pub fn drawn_avatar(&self) -> DrawnAvatar {
        DrawnAvatar::of(&self.name, self.color())
    }

    /// The URL of the picture that it is shown with: its own, else the one that is drawn for it.
    pub fn avatar(&self) -> String {
        match &self.attributes.avatar_url {
            Some(own) => own.as_str().to_owned(),
            None => self.drawn_avatar().as_str().to_owned(),
        }
    }
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

    /// The name of an agent that was made after this one: `Copy of Alpha`, cut where a name must end.
    #[must_use]
    pub fn copied(&self) -> Self {
        let whole = format!("Copy of {self}");
        let cut: String = whole.chars().take(Self::MAX_CHARS).collect();
        Self(cut.trim_end().to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_name_is_a_name_whatever_its_length() {
        let name = |text: &str| AgentName::parse(text).unwrap();
        assert_eq!(name("Alpha").copied().as_str(), "Copy of Alpha");
        for long in ["ä".repeat(92), "ä".repeat(93), "ä".repeat(100), format!("{} {}", "a".repeat(91), "b")]
        {
            let copied = name(&long).copied();
            assert_eq!(AgentName::parse(copied.as_str()), Ok(copied), "{long}");
        }
    }
}
