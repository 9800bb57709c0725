//! One conversation, step by step, each with a deadline and a verdict on its failure.

use std::fmt;
use std::time::Duration;

use keyward_domain::mail::MailFailed;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::bounded::Bounded;
use super::url::{Login, Security, SmtpUrl};
use crate::message::Composed;

/// How long making a connection may take, for each address of the server.
const CONNECT: Duration = Duration::from_secs(10);
/// How long each step may take.
const STEP: Duration = Duration::from_secs(30);
/// How long saying goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// The mechanisms that are spoken, the best first. Both only ever within TLS.
const MECHANISMS: &[Mechanism] = &[Mechanism::Plain, Mechanism::Login];

/// What is being asked of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Greet,
    StartTls,
    LogIn,
    NameSender,
    NameRecipient,
    Announce,
    Hand,
    Ping,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Greet => "connecting and greeting",
            Self::StartTls => "STARTTLS",
            Self::LogIn => "AUTH",
            Self::NameSender => "MAIL",
            Self::NameRecipient => "RCPT",
            Self::Announce => "DATA",
            Self::Hand => "the end of the mail",
            Self::Ping => "NOOP",
        })
    }
}

/// An open conversation.
pub(super) struct Session(AsyncSmtpConnection);

impl Session {
    /// Connects, greets, turns to TLS and logs in, as the URL says.
    pub(super) async fn open(
        url: &SmtpUrl,
        tls: Option<&TlsParameters>,
        us: &ClientId,
    ) -> Result<Self, MailFailed> {
        let mut connection = match (url.security, tls) {
            (Security::Implicit, Some(tls)) => {
                let server = (url.host.as_str(), url.port);
                let greeting =
                    AsyncSmtpConnection::connect_tokio1(server, Some(CONNECT), us, Some(tls.clone()), None);
                step(Step::Greet, greeting).await?
            }
            (Security::Implicit, None) => return Err(without_tls()),
            (Security::Required | Security::Opportunistic | Security::None, _) => {
                let stream = Box::new(Bounded::new(connect(url).await?));
                step(Step::Greet, AsyncSmtpConnection::connect_with_transport(stream, us)).await?
            }
        };
        let wants_tls = match url.security {
            // Security: asked for also when it is not offered, since somebody on the way may have cut the offer out.
            Security::Required => true,
            Security::Opportunistic => connection.can_starttls(),
            Security::Implicit | Security::None => false,
        };
        if wants_tls {
            let tls = tls.ok_or_else(without_tls)?;
            step(Step::StartTls, connection.starttls(tls.clone(), us)).await?;
        }
        let mut session = Self(connection);
        if let Some(login) = &url.login {
            session.log_in(login).await?;
        }
        Ok(session)
    }

    async fn log_in(&mut self, login: &Login) -> Result<(), MailFailed> {
        // Security: the URL admits no password without TLS. This holds even if it did.
        if !self.0.is_encrypted() {
            return Err(MailFailed::ForNow("AUTH: not without TLS".to_owned()));
        }
        let credentials = Credentials::new(login.user.clone(), login.password.expose().clone());
        step(Step::LogIn, self.0.auth(MECHANISMS, &credentials)).await.map(drop)
    }

    /// Hands one mail over. After `Ok` the server is responsible for it (RFC 5321, section 6.1).
    pub(super) async fn send(&mut self, mail: &Composed) -> Result<(), MailFailed> {
        let mut parameters = Vec::new();
        if mail.needs_utf8() {
            let offers = |extension| self.0.server_info().supports_feature(extension);
            if !offers(Extension::SmtpUtfEight) || !offers(Extension::EightBitMime) {
                let why = "the server takes no addresses beyond ASCII (RFC 6531)";
                return Err(MailFailed::ForGood(why.to_owned()));
            }
            parameters.push(MailParameter::SmtpUtfEight);
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        step(Step::NameSender, self.0.command(Mail::new(Some(mail.from.clone()), parameters))).await?;
        step(Step::NameRecipient, self.0.command(Rcpt::new(mail.to.clone(), Vec::new()))).await?;
        step(Step::Announce, self.0.command(Data)).await?;
        step(Step::Hand, self.0.message(&mail.bytes)).await.map(drop)
    }

    /// Asks for nothing.
    pub(super) async fn ping(&mut self) -> Result<(), MailFailed> {
        step(Step::Ping, self.0.command(Noop)).await.map(drop)
    }

    /// Says goodbye. What the server makes of it changes nothing.
    pub(super) async fn close(mut self) {
        let _ = timeout(GOODBYE, self.0.quit()).await;
    }
}

/// The first address that answers in time.
async fn connect(url: &SmtpUrl) -> Result<TcpStream, MailFailed> {
    let failed = |why: &str| MailFailed::ForNow(format!("connecting: {why}"));
    let lookup = timeout(CONNECT, tokio::net::lookup_host((url.host.as_str(), url.port))).await;
    let addresses = lookup.map_err(|_| failed("no address in time"))?.map_err(|_| failed("no such host"))?;
    let mut last = failed("the host has no address");
    for address in addresses {
        match timeout(CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = failed(&error.kind().to_string()),
            Err(_) => last = failed("no answer in time"),
        }
    }
    Err(last)
}

fn without_tls() -> MailFailed {
    MailFailed::ForNow("TLS is not set up".to_owned())
}

async fn step<T>(step: Step, work: impl Future<Output = Result<T, Error>>) -> Result<T, MailFailed> {
    match timeout(STEP, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(verdict(step, &error)),
        Err(_) => Err(MailFailed::ForNow(format!("{step}: no answer in time"))),
    }
}

/// Security: what a server says may hold the recipient's address. Its code is repeated, its words are not.
fn verdict(step: Step, error: &Error) -> MailFailed {
    let Some(code) = error.status().map(u16::from) else {
        // Ours and the machine's words: those of a server are only in what is no answer at all.
        let why = if error.is_response() {
            "cut, or no answer of a mail server".to_owned()
        } else {
            error.to_string()
        };
        return MailFailed::ForNow(format!("{step}: {why}"));
    };
    let why = format!("{step}: the server answers {code}");
    if is_for_good(step, code) { MailFailed::ForGood(why) } else { MailFailed::ForNow(why) }
}

/// Only what is said of this recipient or this mail ends it. A server that refuses us, our sender or our login is for
/// the operator to mend, and the mail waits for that.
const fn is_for_good(step: Step, code: u16) -> bool {
    match step {
        Step::NameRecipient | Step::Announce | Step::Hand => {
            // Bad sequence (RFC 5321), and who may send (RFC 4954, section 6): about the conversation.
            code >= 500 && !matches!(code, 503 | 530 | 534 | 535 | 538)
        }
        Step::Greet | Step::StartTls | Step::LogIn | Step::NameSender | Step::Ping => false,
    }
}
