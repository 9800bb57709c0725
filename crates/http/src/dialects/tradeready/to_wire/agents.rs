//! Agents into JSON, and into the page that an agent reads about itself.

use actix_web::HttpResponse;
use keyward_domain::agents::{AgentProfile, AgentStatus, CreatedAgent, RiskProfile};
use keyward_domain::ids::AgentId;
use keyward_domain::keys::{ApiKey, IssuedKey};

use super::super::{BASE_PATH, wire};

pub(in super::super) fn created_agent(created: &CreatedAgent) -> HttpResponse {
    let agent = &created.agent;
    HttpResponse::Created().json(wire::CreatedAgent {
        agent_id: agent.id.to_string(),
        api_key: created.key.text.expose(),
        display_name: agent.name.as_str(),
        starting_balance: agent.starting_balance.to_string(),
        message: "Save your API key now. It will not be shown again.",
    })
}

pub(in super::super) fn regenerated_key(id: AgentId, issued: &IssuedKey) -> HttpResponse {
    HttpResponse::Ok().json(wire::RegeneratedKey {
        agent_id: id.to_string(),
        api_key: issued.text.expose(),
        message: "API key regenerated. Save now — it will not be shown again.",
    })
}

pub(in super::super) fn agents(page: &[AgentProfile]) -> HttpResponse {
    let agents: Vec<_> = page.iter().map(agent_body).collect();
    let total = Some(agents.len());
    HttpResponse::Ok().json(wire::Agents { agents, total })
}

pub(in super::super) fn agents_overview(page: &[AgentProfile]) -> HttpResponse {
    HttpResponse::Ok().json(wire::Agents { agents: page.iter().map(agent_body).collect(), total: None })
}

pub(in super::super) fn agent(profile: &AgentProfile) -> HttpResponse {
    HttpResponse::Ok().json(agent_body(profile))
}

pub(in super::super) fn agent_risk_profile(profile: &AgentProfile) -> HttpResponse {
    HttpResponse::Ok().json(risk_profile(&profile.agent.attributes.risk_profile))
}

pub(in super::super) fn risk_profile(profile: &RiskProfile) -> wire::RiskProfile {
    wire::RiskProfile {
        max_position_size_pct: profile.max_position_size.number().into(),
        daily_loss_limit_pct: profile.daily_loss_limit.number().into(),
        max_open_orders: profile.max_open_orders.number(),
    }
}

fn agent_body(profile: &AgentProfile) -> wire::Agent<'_> {
    let AgentProfile { agent, key } = profile;
    let attributes = &agent.attributes;
    wire::Agent {
        id: agent.id.to_string(),
        account_id: agent.account.to_string(),
        display_name: agent.name.as_str(),
        api_key_preview: key.as_ref().map(|key| format!("{}...", key.preview())),
        starting_balance: agent.starting_balance.to_string(),
        llm_model: attributes.llm_model.as_ref().map(|label| label.as_str()),
        framework: attributes.framework.as_ref().map(|label| label.as_str()),
        strategy_tags: attributes.strategy_tags.as_slice(),
        risk_profile: risk_profile(&attributes.risk_profile),
        avatar_url: agent.avatar(),
        color: agent.color().to_string(),
        status: match agent.status {
            AgentStatus::Active => "active",
            AgentStatus::Archived { .. } => "archived",
        },
        created_at: agent.created_at.to_string(),
        updated_at: agent.updated_at.to_string(),
    }
}

/// What an agent needs to know to be recognised here.
///
/// Security: every address is below the public URL, whatever `Host` the request named, and of the key there is its
/// preview only.
pub(in super::super) fn skill(profile: &AgentProfile, public_url: &str) -> HttpResponse {
    let AgentProfile { agent, key } = profile;
    let (name, id) = (Escaped(agent.name.as_str()), agent.id);
    let base = format!("{}{BASE_PATH}/api/v1", public_url);
    let preview = key.as_ref().map_or_else(|| "none".to_owned(), ApiKey::preview);
    let page = format!(
        "# {name}\n\
         \n\
         You are the agent {name}. This is how you are recognised.\n\
         \n\
         - Agent id: `{id}`\n\
         - Base URL: `{base}`\n\
         - API key: begins with `{preview}`; the whole key was shown once, when it was issued\n\
         \n\
         ## Every request\n\
         \n\
         Send your key in a header, over TLS, and nowhere else:\n\
         \n\
         ```\n\
         X-API-Key: $API_KEY\n\
         ```\n\
         \n\
         ## Who am I\n\
         \n\
         ```bash\n\
         curl {base}/account/info -H \"X-API-Key: $API_KEY\"\n\
         ```\n\
         \n\
         ## When it fails\n\
         \n\
         Errors look like `{{\"error\": {{\"code\": \"…\", \"message\": \"…\"}}}}`. Decide by `code`.\n\
         \n\
         | status | code | what to do |\n\
         |---|---|---|\n\
         | 401 | `INVALID_API_KEY` | your key is no good any more: ask your account's owner for a new one |\n\
         | 403 | `ACCOUNT_SUSPENDED` | stop, and tell your account's owner |\n\
         | 403 | `PERMISSION_DENIED` | you asked for what only the account may do |\n\
         | 503 | `SERVICE_UNAVAILABLE` | try again after the seconds in `Retry-After` |\n"
    );
    HttpResponse::Ok().content_type("text/markdown; charset=utf-8").body(page)
}

/// Text that means nothing in Markdown: a backslash before ASCII punctuation makes it a plain character
/// (CommonMark, section 2.4).
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use std::fmt::Write;
        for character in self.0.chars() {
            if character.is_ascii_punctuation() {
                f.write_char('\\')?;
            }
            f.write_char(character)?;
        }
        Ok(())
    }
}
