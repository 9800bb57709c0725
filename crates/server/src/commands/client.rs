//! Talks to the running server: every command that reads or changes state asks it.

use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use keyward_domain::secret::Secret;
use serde_json::Value;
use ureq::Agent;
use ureq::http::{Method, Request, Response, request};
use url::{Host, Url};

use super::table::plain;
use crate::admin_keys;
use crate::backup_file::BackupFileError;
use crate::config::{Config, Sourced};
use crate::founding::StartError;

/// How long an answer may take.
const DEADLINE: Duration = Duration::from_secs(30);
/// How long it may take to make a backup and to send all of it.
const WHOLE_BACKUP: Duration = Duration::from_secs(6 * 60 * 60);
/// How often and how long it waits for a server that says when to ask again.
const MOST_WAITS: usize = 10;
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The longest answer that is read.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// How much of a long answer is read at a time.
const PIECE: usize = 64 * 1024;

/// Why a command did not do what it was asked for: one line, without secrets.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    /// The admin key cannot be used.
    #[error(transparent)]
    AdminKey(#[from] StartError),
    /// There is none.
    #[error("there is no admin key: set KEYWARD_ADMIN_KEY_FILE, or run where the server's data directory is")]
    NoAdminKey,
    /// The server's address cannot be used.
    #[error("{origin}: {why}")]
    Address {
        /// Where it came from.
        origin: String,
        /// What is wrong with it.
        why: String,
    },
    /// Nobody answered.
    #[error("{url}: {why}")]
    Unreachable {
        /// Who was asked.
        url: String,
        /// What happened.
        why: String,
    },
    /// The server refused.
    #[error("the server answers {status}: {why}")]
    Refused {
        /// With this status.
        status: u16,
        /// In its words.
        why: String,
        /// When to ask again, if the server said so.
        retry_after: Option<Duration>,
    },
    /// The answer is not one of Keyward's.
    #[error("{0} does not answer like Keyward")]
    Unreadable(String),
    /// A list that never ends.
    #[error("{0} gives the same cursor again: the list would never end")]
    SameCursor(String),
    /// The file with what is to be sent cannot be read.
    #[error("{path}: {1}", path = .0.display())]
    File(PathBuf, ErrorKind),
    /// The file that is to be written is there.
    #[error("{}: exists already, and is left as it is", .0.display())]
    Exists(PathBuf),
    /// What the server sent is no backup.
    #[error("{0}; the server may say why in its log")]
    Backup(#[from] BackupFileError),
    /// Some lines of a file were refused; which ones and why was printed.
    #[error("{0} lines were refused")]
    LinesRefused(usize),
    /// What was asked for needs to be meant.
    #[error("{0}")]
    NotMeant(&'static str),
}

/// A good answer.
#[derive(Debug)]
pub(super) struct Answer {
    /// As it came.
    pub(super) text: String,
    /// The same, read; `null` where there was none.
    pub(super) json: Value,
}

/// Somebody who holds an admin key, and the server that it is for.
pub(super) struct Client {
    agent: Agent,
    url: Url,
    key: Secret<String>,
}

impl Client {
    /// For the server that is configured.
    pub(super) fn new(config: &Config) -> Result<Self, CommandError> {
        Self::at(config, &address(config)?)
    }

    /// For the server at this address.
    pub(super) fn at(config: &Config, url: &str) -> Result<Self, CommandError> {
        let url = Url::parse(url).map_err(|_| CommandError::Unreadable(url.to_owned()))?;
        let key = admin_keys::first(config)?.ok_or(CommandError::NoAdminKey)?;
        // Security: a redirect would carry the key to whoever the answer names, and a proxy of the environment would
        // read it.
        let config = Agent::config_builder()
            .proxy(None)
            .timeout_global(Some(DEADLINE))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false);
        Ok(Self { agent: Agent::new_with_config(config.build()), url, key })
    }

    /// Asks for what stands at the path below `/admin/v1`. A parameter that is `None` is left out.
    pub(super) fn get(&self, path: &[&str], query: &[(&str, Option<&str>)]) -> Result<Answer, CommandError> {
        self.ask(Method::GET, path, query, None)
    }

    /// Asks for a deed.
    pub(super) fn send(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&Value>,
    ) -> Result<Answer, CommandError> {
        self.ask(method, path, &[], body.map(Value::to_string).as_deref())
    }

    /// Asks for a deed that may be asked for again, with a body that is JSON already. Waits and asks again where the server
    /// says when: it has limits, and may be busy.
    pub(super) fn send_patiently(
        &self,
        method: Method,
        path: &[&str],
        body: &str,
    ) -> Result<Answer, CommandError> {
        let mut waits = 0;
        loop {
            match self.ask(method.clone(), path, &[], Some(body)) {
                Err(CommandError::Refused { retry_after: Some(wait), .. }) if waits < MOST_WAITS => {
                    std::thread::sleep(wait.min(LONGEST_WAIT));
                    waits += 1;
                }
                answer => return answer,
            }
        }
    }

    /// Asks for something that may be long, and writes it as it comes. The file is named where it cannot be written.
    pub(super) fn download(
        &self,
        path: &[&str],
        file: &Path,
        to: &mut impl Write,
    ) -> Result<(), CommandError> {
        let request = self.request(Method::POST, path, &[]).body(()).map_err(ureq::Error::from);
        let sent = request.and_then(|request| {
            let request = self.agent.configure_request(request);
            let request = request.timeout_global(Some(WHOLE_BACKUP)).timeout_recv_response(Some(DEADLINE));
            self.agent.run(request.build())
        });
        let response = sent.map_err(|error| self.unreachable(&error))?;
        if !response.status().is_success() {
            return self.read(response).and_then(|_| Err(self.unreadable()));
        }
        let mut body = response.into_body().into_reader();
        let mut piece = vec![0; PIECE];
        loop {
            let read = body.read(&mut piece).map_err(|error| CommandError::Unreachable {
                url: self.url.to_string(),
                why: plain(&format!("the answer broke off: {error}")),
            })?;
            match piece.get(..read) {
                None | Some([]) => return Ok(()),
                Some(read) => {
                    to.write_all(read).map_err(|error| CommandError::File(file.to_owned(), error.kind()))?;
                }
            }
        }
    }

    /// The answer lacks what Keyward's has.
    pub(super) fn unreadable(&self) -> CommandError {
        CommandError::Unreadable(self.url.to_string())
    }

    /// The list goes round in a circle.
    pub(super) fn same_cursor(&self) -> CommandError {
        CommandError::SameCursor(self.url.to_string())
    }

    fn ask(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, Option<&str>)],
        body: Option<&str>,
    ) -> Result<Answer, CommandError> {
        let request = self.request(method, path, query);
        let sent = match body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(body)
                .map_err(ureq::Error::from)
                .and_then(|request| self.agent.run(request)),
            None => request.body(()).map_err(ureq::Error::from).and_then(|request| self.agent.run(request)),
        };
        self.read(sent.map_err(|error| self.unreachable(&error))?)
    }

    fn request(&self, method: Method, path: &[&str], query: &[(&str, Option<&str>)]) -> request::Builder {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["admin", "v1"]).extend(path);
        }
        for (name, value) in query {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        Request::builder()
            .method(method)
            .uri(url.as_str())
            .header("authorization", format!("Bearer {}", self.key.expose()))
    }

    fn read(&self, mut response: Response<ureq::Body>) -> Result<Answer, CommandError> {
        let status = response.status().as_u16();
        let retry_after = retry_after(&response);
        let text = response.body_mut().with_config().limit(MAX_BYTES).read_to_string();
        let text = text.map_err(|error| self.unreachable(&error))?;
        let json: Option<Value> = serde_json::from_str(&text).ok();
        match (status, json) {
            (200..=299, Some(json)) => Ok(Answer { text, json }),
            (204, None) => Ok(Answer { text: String::new(), json: Value::Null }),
            (400.., Some(problem)) => {
                let said =
                    ["detail", "title"].iter().find_map(|member| problem.get(member).and_then(Value::as_str));
                let why = plain(said.unwrap_or("for no reason"));
                Err(CommandError::Refused { status, why, retry_after })
            }
            _ => Err(self.unreadable()),
        }
    }

    fn unreachable(&self, error: &ureq::Error) -> CommandError {
        CommandError::Unreachable { url: self.url.to_string(), why: plain(&error.to_string()) }
    }
}

/// When to ask again, if the server says so.
fn retry_after<T>(response: &Response<T>) -> Option<Duration> {
    response.headers().get("retry-after")?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

/// Where the running server is.
pub(super) fn address(config: &Config) -> Result<String, CommandError> {
    let Some(Sourced { value, origin }) = &config.server_url else {
        let mut listen = config.listen.value;
        if listen.ip().is_unspecified() {
            listen.set_ip(if listen.is_ipv4() {
                std::net::Ipv4Addr::LOCALHOST.into()
            } else {
                std::net::Ipv6Addr::LOCALHOST.into()
            });
        }
        return Ok(format!("http://{listen}"));
    };
    let refuse = |why: &str| CommandError::Address { origin: origin.clone(), why: why.to_owned() };
    let url = Url::parse(value).map_err(|_| refuse("is no URL"))?;
    // Security: whoever listens on the way would read the admin key.
    if url.scheme() == "http" && !config.insecure_http && !is_loopback(&url) {
        return Err(refuse(
            "is plain http and not loopback: the admin key would be readable on the way. Run the command beside the \
             server, or set KEYWARD_INSECURE_HTTP=on",
        ));
    }
    Ok(value.clone())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
