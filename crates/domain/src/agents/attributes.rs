//! What an account says of its agent. Keyward keeps these for the platform behind and decides nothing by them.

use std::fmt;

use super::{AgentName, AvatarChoice, AvatarUrl, Color, RiskProfile, RiskProfileChanges};
use crate::text::{InvalidText, printable};

/// What an account says of its agent, besides name and balance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AgentAttributes {
    /// The language model that it runs on.
    pub llm_model: Option<AgentLabel>,
    /// The framework that it is written with.
    pub framework: Option<AgentLabel>,
    /// Words for what it does.
    pub strategy_tags: StrategyTags,
    /// How much it may risk.
    pub risk_profile: RiskProfile,
    /// The colour that it is shown in, if one was given: see [`Agent::color`](super::Agent::color).
    pub color: Option<Color>,
    /// Its picture, if it has one: see [`Agent::drawn_avatar`](super::Agent::drawn_avatar).
    pub avatar_url: Option<AvatarUrl>,
}

/// What to change of an agent. `None` leaves it; `Some(None)` clears it.
///
/// Security: this is all that an account can change of its agent. Ids, owner, environment and status are not here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AgentChanges {
    /// What people call it.
    pub name: Option<AgentName>,
    /// The language model that it runs on.
    pub llm_model: Option<Option<AgentLabel>>,
    /// The framework that it is written with.
    pub framework: Option<Option<AgentLabel>>,
    /// Words for what it does.
    pub strategy_tags: Option<StrategyTags>,
    /// How much it may risk.
    pub risk_profile: RiskProfileChanges,
    /// The colour that it is shown in.
    pub color: Option<Color>,
    /// Its picture.
    pub avatar_url: Option<Option<AvatarUrl>>,
}

/// The same as an account asks for it: it may ask for the picture that is drawn for the agent anyway.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpdateAgent {
    /// All but the picture.
    pub changes: AgentChanges,
    /// The picture, as it was asked for.
    pub avatar: Option<AvatarChoice>,
}

/// A word or two about an agent, such as the name of its model: 1 to 100 characters in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentLabel(String);

impl AgentLabel {
    /// The most characters that a label may have.
    pub const MAX_CHARS: usize = 100;

    /// Reads a label, dropping surrounding white space.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        printable(text, Self::MAX_CHARS).map(|label| Self(label.to_owned()))
    }

    /// The label.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AgentLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Words for what an agent does, in the order in which they were given: at most 50 of at most 64 characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StrategyTags(Vec<String>);

/// Why a list of tags was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTags {
    /// There are too many.
    #[error("has more than {} tags", StrategyTags::MAX_TAGS)]
    TooMany,
    /// One of them is no tag.
    #[error("has a tag that {0}")]
    Tag(#[from] InvalidText),
}

impl StrategyTags {
    /// The most tags that an agent may have.
    pub const MAX_TAGS: usize = 50;
    /// The most characters that a tag may have.
    pub const MAX_CHARS: usize = 64;

    /// Reads a list of tags, dropping white space around each.
    pub fn parse<'a>(tags: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidTags> {
        let mut parsed = Vec::new();
        for tag in tags {
            if parsed.len() == Self::MAX_TAGS {
                return Err(InvalidTags::TooMany);
            }
            parsed.push(printable(tag, Self::MAX_CHARS)?.to_owned());
        }
        Ok(Self(parsed))
    }

    /// The tags.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_bounded_in_number_and_length() {
        let longest = "ä".repeat(64);
        let tags = StrategyTags::parse([" momentum ", &longest]).unwrap();
        assert_eq!(tags.as_slice(), ["momentum", &longest]);
        assert_eq!(StrategyTags::parse(["a"; 50]).unwrap().as_slice().len(), 50);
        assert_eq!(StrategyTags::parse(["a"; 51]), Err(InvalidTags::TooMany));
        assert_eq!(StrategyTags::parse([""]), Err(InvalidTags::Tag(InvalidText::Empty)));
        let too_long = "ä".repeat(65);
        let refused = StrategyTags::parse([too_long.as_str()]);
        assert_eq!(refused, Err(InvalidTags::Tag(InvalidText::TooLong { max_chars: 64 })));
    }

    #[test]
    fn threat_a7_labels_and_tags_hold_no_control_characters() {
        for text in ["a\nb", "a\u{0}b", "a\u{202e}b"] {
            assert_eq!(AgentLabel::parse(text), Err(InvalidText::ControlCharacter), "{text:?}");
            assert_eq!(
                StrategyTags::parse([text]),
                Err(InvalidTags::Tag(InvalidText::ControlCharacter)),
                "{text:?}"
            );
        }
    }
}
