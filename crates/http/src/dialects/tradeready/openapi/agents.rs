//! What the routes for agents say of themselves.

use keyward_domain::agents::AgentPage;
use serde_json::json;

use super::super::error;
use super::super::wire;
use super::{for_agent, invalid};
use crate::openapi::{Operation, Shape};

/// A route for whoever manages the account's agents.
fn managing(id: &'static str, summary: &'static str) -> Operation {
    let refused = [error::TOKEN_NEEDED, error::CONTRADICTION, error::AGENTS_DO_NOT_MANAGE];
    for_agent(Operation::new(id, summary)).refuses(refused)
}

/// A route about one agent.
fn about_agent(id: &'static str, summary: &'static str) -> Operation {
    managing(id, summary).refuses([error::AGENT_NOT_FOUND])
}

pub(in super::super) fn list_agents() -> Operation {
    let archived = json!({"type": "boolean", "default": false});
    let limit = json!({"type": "integer", "minimum": 1, "maximum": AgentPage::MAX_LIMIT, "default": 100});
    let offset = json!({"type": "integer", "minimum": 0, "maximum": u32::MAX, "default": 0});
    managing("list_agents", "List agents")
        .text("Oldest first. `total` is how many this page has.")
        .query("include_archived", "Archived ones too.", archived)
        .query("limit", "How many at most.", limit)
        .query("offset", "How many to pass over.", offset)
        .answer::<wire::Agents<'_>>(200, "A page of agents.")
        .refuses([invalid("limit is not a whole number from 1 to 500")])
}

pub(in super::super) fn create_agent() -> Operation {
    managing("create_agent", "Create an agent")
        .repeatable()
        .text("Needs `display_name` or `name`. The key is in this answer and in no other.")
        .body::<wire::CreateAgent>()
        .answer::<wire::CreatedAgent<'_>>(201, "The agent's id and key.")
}

pub(in super::super) fn overview() -> Operation {
    managing("agents_overview", "The first hundred agents that are not archived")
        .answer::<wire::Agents<'_>>(200, "The agents, without `total`.")
}

pub(in super::super) fn get_agent() -> Operation {
    about_agent("get_agent", "Look at an agent").answer::<wire::Agent<'_>>(200, "The agent.")
}

pub(in super::super) fn update_agent() -> Operation {
    about_agent("update_agent", "Change an agent")
        .text("Only what the body names is changed.")
        .body::<wire::UpdateAgent>()
        .answer::<wire::Agent<'_>>(200, "The agent, changed.")
        .refuses([error::AGENT_ARCHIVED])
}

pub(in super::super) fn delete_agent() -> Operation {
    about_agent("delete_agent", "Delete an agent").empty(204, "The agent and its keys are gone.")
}

pub(in super::super) fn clone_agent() -> Operation {
    about_agent("clone_agent", "Create another agent like this one")
        .repeatable()
        .text("Without its colour and picture, and with a key of its own, which is in this answer and in no other.")
        .query("new_name", "What the copy is called, instead of `Copy of …`.", json!({"type": "string"}))
        .body_ignored()
        .answer::<wire::CreatedAgent<'_>>(201, "The copy's id and key.")
}

pub(in super::super) fn archive_agent() -> Operation {
    about_agent("archive_agent", "Archive an agent")
        .text("For good: its keys and tokens are refused from the next request on. May be repeated.")
        .body_ignored()
        .answer::<wire::Agent<'_>>(200, "The agent, archived.")
}

pub(in super::super) fn api_key() -> Operation {
    about_agent("agent_api_key", "Ask for an agent's key, in vain")
        .text("No key is kept that could be shown.")
        .refuses([error::KEY_NOT_RECOVERABLE])
}

pub(in super::super) fn regenerate_key() -> Operation {
    about_agent("regenerate_agent_key", "Give an agent another key")
        .repeatable()
        .text(
            "The old one is refused from the next request on. The new one is in this answer and in no other.",
        )
        .body_ignored()
        .answer::<wire::RegeneratedKey<'_>>(200, "The new key.")
        .refuses([error::AGENT_ARCHIVED, error::OVERTAKEN])
}

pub(in super::super) fn risk_profile() -> Operation {
    about_agent("risk_profile", "Look at an agent's risk profile")
        .answer::<wire::RiskProfile>(200, "The risk profile.")
}

pub(in super::super) fn set_risk_profile() -> Operation {
    about_agent("set_risk_profile", "Set an agent's risk profile")
        .body::<wire::SetRiskProfile>()
        .answer::<wire::RiskProfile>(200, "The risk profile.")
        .refuses([error::AGENT_ARCHIVED])
}

pub(in super::super) fn skill() -> Operation {
    about_agent("agent_skill", "A page for the agent to read about itself").content(
        200,
        "The page.",
        "text/markdown",
        Shape::text(),
    )
}

pub(in super::super) fn reset_agent() -> Operation {
    about_agent("reset_agent", "Tell the platform that an agent begins again")
        .body_ignored()
        .answer::<wire::Agent<'_>>(200, "The agent.")
        .refuses([error::AGENT_ARCHIVED])
}
