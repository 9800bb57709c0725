//! Which of an account's agents a list shows.

/// A part of the list of an account's own agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentPage {
    limit: u16,
    offset: u32,
    include_archived: bool,
}

/// Why there is no such page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAgentPage {
    /// The limit is no good.
    #[error("is not a whole number from 1 to {}", AgentPage::MAX_LIMIT)]
    Limit,
    /// The offset is no good.
    #[error("is not a whole number from 0 to {}", u32::MAX)]
    Offset,
}

impl AgentPage {
    /// The most agents that one page shows.
    pub const MAX_LIMIT: u16 = 500;
    /// The first hundred agents that are not archived.
    pub const FIRST: Self = Self { limit: 100, offset: 0, include_archived: false };

    /// With at most this many agents.
    pub fn with_limit(self, limit: u64) -> Result<Self, InvalidAgentPage> {
        match u16::try_from(limit) {
            Ok(limit @ 1..=Self::MAX_LIMIT) => Ok(Self { limit, ..self }),
            Ok(_) | Err(_) => Err(InvalidAgentPage::Limit),
        }
    }

    /// Beginning behind this many agents.
    pub fn with_offset(self, offset: u64) -> Result<Self, InvalidAgentPage> {
        let offset = u32::try_from(offset).map_err(|_| InvalidAgentPage::Offset)?;
        Ok(Self { offset, ..self })
    }

    /// With archived agents, or without.
    #[must_use]
    pub const fn with_archived(self, include_archived: bool) -> Self {
        Self { include_archived, ..self }
    }

    /// The most agents that it shows.
    pub const fn limit(&self) -> u16 {
        self.limit
    }

    /// How many it leaves out before.
    pub const fn offset(&self) -> u32 {
        self.offset
    }

    /// Whether archived agents count.
    pub const fn include_archived(&self) -> bool {
        self.include_archived
    }
}
