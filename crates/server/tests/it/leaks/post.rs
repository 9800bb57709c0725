//! The mail server that everything is sent to: what it took, and the tokens in it.

use std::time::Duration;

use keyward_testkit::smtp::{Manners, SmtpServer};
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// For how long a mail is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where a link leads.
pub(super) const VERIFY: &str = "/verify-email?token=";
pub(super) const RESET: &str = "/reset-password?token=";

/// A mail server, running until it is dropped.
pub(super) struct Post {
    server: SmtpServer,
    runtime: Runtime,
}

impl Post {
    /// One that wants this user and password, within TLS.
    pub(super) fn start(user: &'static str, password: &'static str) -> Self {
        let runtime = Runtime::new().unwrap();
        let manners = Manners { implicit_tls: true, login: Some((user, password)), ..Manners::default() };
        let server = runtime.block_on(SmtpServer::start(manners));
        Self { server, runtime }
    }

    pub(super) fn address(&self) -> String {
        self.server.address().to_string()
    }

    /// The certificate of who vouches for it.
    pub(super) fn authority(&self) -> &str {
        self.server.authority()
    }

    /// Waits for a mail with a link there, and gives the link's token.
    pub(super) fn token(&self, to: &str, link: &str) -> String {
        let mail = async { timeout(PATIENCE, self.server.mail_to(to, link)).await };
        let mail = self.runtime.block_on(mail).unwrap_or_else(|_| panic!("no mail with {link}"));
        tokens(&mail.data).remove(0)
    }

    /// The tokens in all mails that it has taken so far.
    pub(super) fn all_tokens(&self) -> Vec<String> {
        self.server.taken().iter().flat_map(|mail| tokens(&mail.data)).collect()
    }
}

fn tokens(mail: &str) -> Vec<String> {
    let is_token = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    let found = mail.split("?token=").skip(1);
    found.map(|rest| rest.chars().take_while(|character| is_token(*character)).collect()).collect()
}
