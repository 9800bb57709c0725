//! What is asked of agents, into domain commands.

use std::fmt;

use keyward_domain::agents::{
    AgentAttributes, AgentChanges, AgentLabel, AgentName, AgentPage, AvatarChoice, Color, CreateAgent,
    InvalidAgentPage, OrderLimit, Percent, RiskProfile, RiskProfileChanges, StrategyTags, UpdateAgent,
};
use keyward_domain::environment::Environment;
use keyward_domain::keys::KeyPrefix;

use super::super::error::Error;
use super::super::wire;
use crate::extract::{BodyError, Query};

/// What the key of an agent of this environment begins with.
pub(in super::super) const fn agent_key(environment: Environment) -> KeyPrefix {
    match environment {
        Environment::Live => super::KEY,
        Environment::Sandbox => KeyPrefix::from_static("ak_test_"),
    }
}

pub(in super::super) fn create_agent(
    wire: wire::CreateAgent,
    environment: Environment,
) -> Result<CreateAgent, Error> {
    let name = wire.display_name.or(wire.name);
    let name = name.ok_or_else(|| BodyError::Missing("display_name".to_owned()))?;
    let risk = wire.risk_profile.map(risk_profile_changes).transpose()?.unwrap_or_default();
    Ok(CreateAgent {
        name: agent_name("display_name", &name)?,
        starting_balance: wire.starting_balance.map(super::starting_balance).transpose()?.unwrap_or_default(),
        attributes: AgentAttributes {
            llm_model: label("llm_model", wire.llm_model)?.flatten(),
            framework: label("framework", wire.framework)?.flatten(),
            strategy_tags: tags(wire.strategy_tags)?.unwrap_or_default(),
            risk_profile: risk.applied_to(RiskProfile::default()),
            color: color(wire.color)?,
            avatar_url: None,
        },
        key_prefix: agent_key(environment),
    })
}

pub(in super::super) fn update_agent(wire: wire::UpdateAgent) -> Result<UpdateAgent, Error> {
    let name = wire.display_name.map(|name| agent_name("display_name", &name)).transpose()?;
    let changes = AgentChanges {
        name,
        llm_model: label("llm_model", wire.llm_model)?,
        framework: label("framework", wire.framework)?,
        strategy_tags: tags(wire.strategy_tags)?,
        risk_profile: wire.risk_profile.map(risk_profile_changes).transpose()?.unwrap_or_default(),
        color: color(wire.color)?,
        avatar_url: None,
    };
    let avatar = wire.avatar_url.as_deref().map(AvatarChoice::parse).transpose();
    Ok(UpdateAgent { changes, avatar: avatar.map_err(invalid("avatar_url"))? })
}

pub(in super::super) fn risk_profile(wire: &wire::SetRiskProfile) -> Result<RiskProfile, Error> {
    Ok(RiskProfile {
        max_position_size: Percent::new(wire.max_position_size_pct)
            .map_err(invalid("max_position_size_pct"))?,
        daily_loss_limit: Percent::new(wire.daily_loss_limit_pct).map_err(invalid("daily_loss_limit_pct"))?,
        max_open_orders: OrderLimit::new(wire.max_open_orders).map_err(invalid("max_open_orders"))?,
    })
}

fn risk_profile_changes(wire: wire::RiskProfileChanges) -> Result<RiskProfileChanges, Error> {
    let (size, loss) = (wire.max_position_size_pct, wire.daily_loss_limit_pct);
    Ok(RiskProfileChanges {
        max_position_size: size
            .map(Percent::new)
            .transpose()
            .map_err(invalid("risk_profile.max_position_size_pct"))?,
        daily_loss_limit: loss
            .map(Percent::new)
            .transpose()
            .map_err(invalid("risk_profile.daily_loss_limit_pct"))?,
        max_open_orders: wire
            .max_open_orders
            .map(OrderLimit::new)
            .transpose()
            .map_err(invalid("risk_profile.max_open_orders"))?,
    })
}

pub(in super::super) fn agent_page(query: &Query) -> Result<AgentPage, Error> {
    let mut page = AgentPage::FIRST;
    if let Some(text) = single(query, "include_archived")? {
        page = page.with_archived(flag(text)?);
    }
    if let Some(text) = single(query, "limit")? {
        let limit = number(text).ok_or(InvalidAgentPage::Limit);
        page = limit.and_then(|limit| page.with_limit(limit)).map_err(invalid("limit"))?;
    }
    if let Some(text) = single(query, "offset")? {
        let offset = number(text).ok_or(InvalidAgentPage::Offset);
        page = offset.and_then(|offset| page.with_offset(offset)).map_err(invalid("offset"))?;
    }
    Ok(page)
}

/// The name of a copy; an empty one counts as absent.
pub(in super::super) fn new_name(query: &Query) -> Result<Option<AgentName>, Error> {
    let name = single(query, "new_name")?.filter(|name| !name.is_empty());
    name.map(|name| agent_name("new_name", name)).transpose()
}

fn agent_name(field: &'static str, text: &str) -> Result<AgentName, Error> {
    AgentName::parse(text).map_err(invalid(field))
}

/// An empty text clears the label: it is all that a client can send for that, since `null` counts as absent.
fn label(field: &'static str, text: Option<String>) -> Result<Option<Option<AgentLabel>>, Error> {
    match text {
        None => Ok(None),
        Some(text) if text.trim().is_empty() => Ok(Some(None)),
        Some(text) => AgentLabel::parse(&text).map(|label| Some(Some(label))).map_err(invalid(field)),
    }
}

fn tags(tags: Option<Vec<String>>) -> Result<Option<StrategyTags>, Error> {
    let parse = |tags: Vec<String>| StrategyTags::parse(tags.iter().map(String::as_str));
    tags.map(parse).transpose().map_err(invalid("strategy_tags"))
}

fn color(text: Option<String>) -> Result<Option<Color>, Error> {
    text.as_deref().map(Color::parse).transpose().map_err(invalid("color"))
}

fn single<'a>(query: &'a Query, field: &'static str) -> Result<Option<&'a str>, Error> {
    query.single(field).map_err(invalid(field))
}

/// Digits and nothing else.
fn number(text: &str) -> Option<u64> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

/// The spellings that the vendor takes.
fn flag(text: &str) -> Result<bool, Error> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(Error::invalid("include_archived", "is neither true nor false")),
    }
}

fn invalid<E: fmt::Display>(field: &'static str) -> impl FnOnce(E) -> Error {
    move |why| Error::invalid(field, why)
}
