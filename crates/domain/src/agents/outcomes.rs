//! How what came of making agents is sealed for repetitions.

use super::{
    Agent, AgentAttributes, AgentLabel, AgentName, AvatarUrl, Color, CreatedAgent, OrderLimit, Percent,
    RiskProfile, StrategyTags,
};
use crate::accounts::StartingBalance;
use crate::idempotency::{OutcomeReader, OutcomeWriter, Repeatable};
use crate::keys::IssuedKey;
use crate::principal::Owner;
use crate::time::Instant;

impl Repeatable for CreatedAgent {
    const SHAPE: &'static str = "created_agent 1";

    fn write(&self, parts: &mut OutcomeWriter) {
        self.agent.write(parts);
        self.key.write(parts);
    }

    fn read(parts: &mut OutcomeReader<'_>) -> Option<Self> {
        Some(Self { agent: Agent::read(parts)?, key: IssuedKey::read(parts)? })
    }
}

impl Repeatable for Agent {
    const SHAPE: &'static str = "agent 1";

    fn write(&self, parts: &mut OutcomeWriter) {
        parts.part(&self.id);
        parts.part(&self.account);
        parts.part(&self.environment);
        parts.part(&self.name);
        parts.part(&self.starting_balance);
        parts.part(&self.created_at.unix_micros());
        let AgentAttributes { llm_model, framework, strategy_tags, risk_profile, color, avatar_url } =
            &self.attributes;
        parts.optional(llm_model.as_ref().map(|label| label as _));
        parts.optional(framework.as_ref().map(|label| label as _));
        parts.part(&strategy_tags.as_slice().len());
        strategy_tags.as_slice().iter().for_each(|tag| parts.part(tag));
        parts.part(&risk_profile.max_position_size.number());
        parts.part(&risk_profile.daily_loss_limit.number());
        parts.part(&risk_profile.max_open_orders.number());
        parts.optional(color.as_ref().map(|color| color as _));
        parts.optional(avatar_url.as_ref().map(AvatarUrl::as_str).as_ref().map(|url| url as _));
    }

    /// A fresh agent: nothing was done to it yet.
    fn read(parts: &mut OutcomeReader<'_>) -> Option<Self> {
        let id = parts.part()?;
        let owner = Owner { account: parts.part()?, environment: parts.part()? };
        let name = AgentName::parse(parts.text()?).ok()?;
        let starting_balance = StartingBalance::parse(parts.text()?).ok()?;
        let created_at = Instant::from_unix_micros(parts.part()?).ok()?;
        let attributes = AgentAttributes {
            llm_model: parts.optional_text()?.map(AgentLabel::parse).transpose().ok()?,
            framework: parts.optional_text()?.map(AgentLabel::parse).transpose().ok()?,
            strategy_tags: read_tags(parts)?,
            risk_profile: RiskProfile {
                max_position_size: Percent::new(parts.part()?).ok()?,
                daily_loss_limit: Percent::new(parts.part()?).ok()?,
                max_open_orders: OrderLimit::new(parts.part()?).ok()?,
            },
            color: parts.optional_text()?.map(Color::parse).transpose().ok()?,
            avatar_url: parts.optional_text()?.map(AvatarUrl::parse).transpose().ok()?,
        };
        Some(Self::made(id, owner, name, starting_balance, attributes, created_at))
    }
}

fn read_tags(parts: &mut OutcomeReader<'_>) -> Option<StrategyTags> {
    let count: usize = parts.part()?;
    let tags: Vec<&str> = (0..count.min(StrategyTags::MAX_TAGS)).map_while(|_| parts.text()).collect();
    if tags.len() == count { StrategyTags::parse(tags).ok() } else { None }
}
