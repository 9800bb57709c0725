//! An account with all that can be ended of it.

use serde_json::json;

use super::history::{Deed, Verdict, now};
use super::node::{Node, Question};

/// What can be ended, each by the route that people use for it.
pub(super) const ENDS: [End; 7] = [
    End::AccountSuspended,
    End::AccountArchived,
    End::AccountErased,
    End::KeyRevoked,
    End::AgentArchived,
    End::AgentDeleted,
    End::AgentKeyRegenerated,
];

#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    AccountSuspended,
    AccountArchived,
    AccountErased,
    KeyRevoked,
    AgentArchived,
    AgentDeleted,
    AgentKeyRegenerated,
}

/// How many credentials a subject has: its key, a token made with it, and its agent's key.
const CREDENTIALS: usize = 3;
/// How often a warm answer is asked for: a server that has just started may not have heard of the others yet.
const TRIES: usize = 50;

/// An account and its credentials.
pub(super) struct Subject {
    account: String,
    agent: String,
    key_id: String,
    key: String,
    token: String,
    agent_key: String,
    /// The number of its key; the token's and the agent key's follow.
    first: usize,
}

impl Subject {
    /// Registers one at this server. `number` is nobody else's in this history.
    pub(super) fn register(node: &Node, number: usize) -> Self {
        let registered = node.post("/tradeready/api/v1/auth/register", &json!({"display_name": "A subject"}));
        let text = |member: &str| registered[member].as_str().expect(member).to_owned();
        let (key, secret) = (text("api_key"), text("api_secret"));
        let login = json!({"api_key": key, "api_secret": secret});
        let token = node.post("/tradeready/api/v1/auth/login", &login);
        Self {
            account: text("account_id"),
            agent: text("agent_id"),
            key_id: node.key_id(&key),
            key,
            token: token["token"].as_str().expect("a token").to_owned(),
            agent_key: text("agent_api_key"),
            first: number * CREDENTIALS,
        }
    }

    /// Each credential at a route that needs no database once it is known.
    pub(super) fn checks(&self) -> Vec<Question> {
        vec![
            self.question(0, "/forward-auth", "X-API-Key", self.key.clone()),
            self.question(1, "/forward-auth", "Authorization", format!("Bearer {}", self.token)),
            self.question(2, "/forward-auth", "X-API-Key", self.agent_key.clone()),
        ]
    }

    /// Two of them at a route that reads the database each time.
    pub(super) fn reads(&self) -> Vec<Question> {
        let path = "/tradeready/api/v1/account/info";
        vec![
            self.question(0, path, "X-API-Key", self.key.clone()),
            self.question(1, path, "Authorization", format!("Bearer {}", self.token)),
        ]
    }

    fn question(&self, credential: usize, path: &'static str, name: &'static str, value: String) -> Question {
        Question { credential: self.first + credential, path, header: (name, value) }
    }

    /// Every credential has been good at each of these servers.
    pub(super) fn warm_at(&self, nodes: &[&Node]) {
        for (node, question) in
            nodes.iter().flat_map(|node| self.checks().into_iter().map(move |q| (node, q)))
        {
            let is_good = (0..TRIES).any(|_| node.ask(&question).verdict == Verdict::Good);
            assert!(is_good, "server {} never knew {question:?}", node.number);
        }
    }

    /// Ends something of it at this server.
    pub(super) fn end(&self, node: &Node, end: End) -> Deed {
        let account = |deed: &str| format!("/admin/v1/accounts/{}{deed}", self.account);
        let agent = |deed: &str| format!("/tradeready/api/v1/agents/{}{deed}", self.agent);
        let token = Some(self.token.as_str());
        let (method, path, bearer, ended): (_, _, _, &[usize]) = match end {
            End::AccountSuspended => ("POST", account("/suspend"), None, &[0, 1, 2]),
            End::AccountArchived => ("POST", account("/archive"), None, &[0, 1, 2]),
            End::AccountErased => ("DELETE", account(""), None, &[0, 1, 2]),
            End::KeyRevoked => ("DELETE", format!("/admin/v1/keys/{}", self.key_id), None, &[0, 1]),
            End::AgentArchived => ("POST", agent("/archive"), token, &[2]),
            End::AgentDeleted => ("DELETE", agent(""), token, &[2]),
            End::AgentKeyRegenerated => ("POST", agent("/regenerate-key"), token, &[2]),
        };
        let asked = now();
        let mut status = node.call(method, &path, bearer);
        // What was answered 503 may have happened: then what was deleted is not found, and a token may be over.
        let mut is_repeated = false;
        for _ in 0..TRIES {
            if status != 503 {
                break;
            }
            is_repeated = true;
            status = node.call(method, &path, bearer);
        }
        let answered = now();
        let is_done = (200..300).contains(&status) || (is_repeated && status == 404);
        assert!(is_done, "{end:?} was answered {status}; the server says {}", node.log());
        let credentials = ended.iter().map(|credential| self.first + credential).collect();
        Deed { what: end.name(), node: node.number, credentials, asked, answered }
    }
}

impl End {
    const fn name(self) -> &'static str {
        match self {
            Self::AccountSuspended => "account suspended",
            Self::AccountArchived => "account archived",
            Self::AccountErased => "account erased",
            Self::KeyRevoked => "key revoked",
            Self::AgentArchived => "agent archived",
            Self::AgentDeleted => "agent deleted",
            Self::AgentKeyRegenerated => "agent's key regenerated",
        }
    }
}
