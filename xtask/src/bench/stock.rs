//! What the loads are made of: accounts with their keys, secrets and tokens.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::client::Client;
use super::load::{Load, Request, UNIQUE};
use super::process;
use super::rows::Load as Kind;
use super::setting::{Server, Setting, Tuning};

const FORWARD_AUTH: &str = "/forward-auth";
const LOGIN: &str = "/tradeready/api/v1/auth/login";
const REGISTER: &str = "/tradeready/api/v1/auth/register";
const USER_LOGIN: &str = "/tradeready/api/v1/auth/user-login";
const SIGNUP: &str = "/trucore/auth/signup";
const KEYS: &str = "/trucore/customer/keys";
const EXCHANGE: &str = "/agora/v0/auth/token";

/// The one account that has a password.
const EMAIL: &str = "owner@example.com";
const PASSWORD: &str = "the bench is made of wood";

/// An account's secrets, each shown once.
struct Account {
    key: String,
    secret: String,
    agents_key: String,
}

/// Accounts, and their tokens once they have been exchanged.
pub(super) struct Stock {
    directory: PathBuf,
    accounts: Vec<Account>,
    tokens: Vec<String>,
}

impl Stock {
    /// Founds the database and fills it with so many accounts.
    pub(super) fn fill(
        setting: &Setting<'_>,
        tuning: Tuning,
        accounts: u64,
        directory: &Path,
    ) -> Result<Self> {
        setting.keyward(tuning)?.process.stop()?;
        fs::create_dir_all(directory)?;
        let file = directory.join("accounts");
        println!("filling the database with {accounts} accounts");
        let mut fill = process::command(&[], &setting.programs.bench);
        fill.args(["fill", &setting.database()]).arg(setting.data().join("master.key"));
        process::run(fill.arg(accounts.to_string()).arg(&file))?;
        let text = fs::read_to_string(&file)?;
        let accounts =
            text.lines().map(Account::read).collect::<Option<_>>().context("no lines of secrets")?;
        Ok(Self { directory: directory.to_owned(), accounts, tokens: Vec::new() })
    }

    /// Exchanges every account's key for a token, and registers the account with a password.
    pub(super) fn exchange(mut self, server: &Server) -> Result<Self> {
        let mut client = Client::connect(server.address)?;
        let owner = json!({ "display_name": "Owner", "email": EMAIL, "password": PASSWORD });
        client.post(REGISTER, &owner)?;
        for account in &self.accounts {
            let answer = client.post(LOGIN, &account.login())?;
            let token = answer.get("token").and_then(Value::as_str).context("a login without a token")?;
            self.tokens.push(token.to_owned());
        }
        Ok(self)
    }

    /// Where files may be put.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The body of a login with a password.
    pub(super) fn password_login(&self) -> String {
        json!({ "email": EMAIL, "password": PASSWORD }).to_string()
    }

    /// The load of this kind.
    pub(super) fn load(&self, kind: Kind) -> Result<Load> {
        let keys = || {
            self.accounts
                .iter()
                .flat_map(|account| [&account.key, &account.agents_key])
                .map(|key| by_key(key))
        };
        let tokens = || self.tokens.iter().map(|token| by_token(token));
        let logins = || self.accounts.iter().map(|account| post(LOGIN, account.login().to_string()));
        let make = |name: &str, connections, requests| Load::of(&self.directory, name, connections, requests);
        match kind {
            Kind::KeyWarm => make("key-warm", 32, keys().take(1).collect::<Vec<_>>()),
            Kind::KeyCold => make("key-cold", 32, keys().collect()),
            Kind::TokenWarm => make("token-warm", 32, tokens().take(1).collect()),
            Kind::TokenCold => make("token-cold", 32, tokens().collect()),
            Kind::Login => make("login", 32, logins().take(1).collect()),
            // As many as the server lets wait: more would be put off, and that is no login.
            Kind::PasswordLogin => make("user-login", 4, vec![post(USER_LOGIN, self.password_login())]),
            Kind::Register => {
                make("register", 64, vec![post(REGISTER, json!({ "display_name": "Newcomer" }).to_string())])
            }
            Kind::Signup => {
                let newcomer = json!({ "email": format!("{UNIQUE}@example.com"), "password": PASSWORD });
                make("signup", 4, vec![post(SIGNUP, newcomer.to_string())])
            }
            Kind::KeyCreate => {
                make("key-create", 64, self.tokens.iter().map(|token| create_key(token)).collect())
            }
            Kind::Exchange => make(
                "exchange",
                32,
                self.accounts.iter().take(1).map(|account| exchange(&account.key)).collect(),
            ),
        }
    }
}

impl Account {
    fn read(line: &str) -> Option<Self> {
        let mut parts = line.split('\t').map(str::to_owned);
        Some(Self { key: parts.next()?, secret: parts.next()?, agents_key: parts.next()? })
    }

    fn login(&self) -> Value {
        json!({ "api_key": self.key, "api_secret": self.secret })
    }
}

fn by_key(key: &str) -> Request {
    let header = Some(("X-API-Key", key.to_owned()));
    Request { method: "GET", path: FORWARD_AUTH, header, body: String::new() }
}

fn by_token(token: &str) -> Request {
    let header = Some(("Authorization", format!("Bearer {token}")));
    Request { method: "GET", path: FORWARD_AUTH, header, body: String::new() }
}

fn exchange(key: &str) -> Request {
    Request { method: "POST", path: EXCHANGE, ..by_token(key) }
}

/// Without a body, whose type would be a second header.
fn create_key(token: &str) -> Request {
    Request { method: "POST", path: KEYS, ..by_token(token) }
}

fn post(path: &'static str, body: String) -> Request {
    Request { method: "POST", path, header: Some(("Content-Type", "application/json".to_owned())), body }
}
