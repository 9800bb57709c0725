//! Where the mail server is, and how it is spoken to.

use std::fmt;
use std::str::FromStr;

use keyward_domain::secret::Secret;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// `smtp://HOST:PORT` or `smtps://USER:PASSWORD@HOST`.
#[derive(Debug, Clone)]
pub struct SmtpUrl {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) login: Option<Login>,
}

/// How the conversation is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    /// TLS from the first byte (RFC 8314, section 3.3).
    Implicit,
    /// TLS by STARTTLS, or nothing is said.
    Required,
    /// TLS by STARTTLS where the server offers it.
    Opportunistic,
    /// Plain text.
    None,
}

/// What the server knows us by.
#[derive(Debug, Clone)]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: Secret<String>,
}

/// Why the text is no address of a mail server. Never repeats it: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSmtpUrl {
    /// It is something else altogether.
    #[error("must be smtp://HOST:PORT or smtps://USER:PASSWORD@HOST")]
    Form,
    /// It says something about TLS that is not known, or that its scheme says already.
    #[error("may end in ?tls=required, ?tls=opportunistic or ?tls=none after smtp://, and in nothing else")]
    Query,
    /// A user without a password, or the reverse, or one that no server would take.
    #[error("names a user without a password, a password without a user, or control characters in one")]
    Login,
    /// Security: a password would go over the network as plain text.
    #[error(
        "has a password, which needs TLS: use smtps://, or smtp:// without ?tls=opportunistic or ?tls=none"
    )]
    PlainPassword,
}

impl FromStr for SmtpUrl {
    type Err = InvalidSmtpUrl;

    fn from_str(text: &str) -> Result<Self, InvalidSmtpUrl> {
        let url = Url::parse(text).map_err(|_| InvalidSmtpUrl::Form)?;
        let (is_implicit, default_port) = match url.scheme() {
            "smtps" => (true, 465),
            "smtp" => (false, 587),
            _ => return Err(InvalidSmtpUrl::Form),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(InvalidSmtpUrl::Form);
        }
        let (host, is_loopback) = host(&url).ok_or(InvalidSmtpUrl::Form)?;
        let login = login(&url)?;
        let by_default = if is_loopback && login.is_none() { Security::None } else { Security::Required };
        let security = match (is_implicit, url.query()) {
            (true, None) => Security::Implicit,
            (false, None) => by_default,
            (false, Some("tls=required")) => Security::Required,
            (false, Some("tls=opportunistic")) => Security::Opportunistic,
            (false, Some("tls=none")) => Security::None,
            (_, Some(_)) => return Err(InvalidSmtpUrl::Query),
        };
        if login.is_some() && matches!(security, Security::Opportunistic | Security::None) {
            return Err(InvalidSmtpUrl::PlainPassword);
        }
        Ok(Self { host, port: url.port().unwrap_or(default_port), security, login })
    }
}

impl fmt::Display for SmtpUrl {
    /// Where it is, for a person: no user, no password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let security = match self.security {
            Security::Implicit => "TLS",
            Security::Required => "STARTTLS",
            Security::Opportunistic => "STARTTLS if it is offered",
            Security::None => "plain text",
        };
        let brackets = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{}{}{}:{}, {security}", brackets.0, self.host, brackets.1, self.port)
    }
}

/// The host as it is resolved and as its certificate names it, and whether it is this machine.
fn host(url: &Url) -> Option<(String, bool)> {
    // A scheme that the URL standard does not know leaves its hosts unread.
    match Host::parse(url.host_str().filter(|host| !host.is_empty())?).ok()? {
        Host::Domain(name) => {
            let is_loopback = name == "localhost" || name.ends_with(".localhost");
            Some((name, is_loopback))
        }
        Host::Ipv4(address) => Some((address.to_string(), address.is_loopback())),
        Host::Ipv6(address) => Some((address.to_string(), address.is_loopback())),
    }
}

fn login(url: &Url) -> Result<Option<Login>, InvalidSmtpUrl> {
    let decode = |text: &str| {
        let text = percent_decode_str(text).decode_utf8().map_err(|_| InvalidSmtpUrl::Login)?;
        let is_whole = !text.is_empty() && !text.chars().any(char::is_control);
        if is_whole { Ok(text.into_owned()) } else { Err(InvalidSmtpUrl::Login) }
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, Some(password)) => {
            Ok(Some(Login { user: decode(user)?, password: Secret::new(decode(password)?) }))
        }
        (_, None) => Err(InvalidSmtpUrl::Login),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, u16, Security), InvalidSmtpUrl> {
        text.parse().map(|url: SmtpUrl| (url.host, url.port, url.security))
    }

    #[test]
    fn the_scheme_the_host_and_tls_decide() {
        for (text, host, port, security) in [
            ("smtps://u:p@mail.example.com", "mail.example.com", 465, Security::Implicit),
            ("smtp://mail.example.com", "mail.example.com", 587, Security::Required),
            (
                "smtp://mail.example.com:25/?tls=opportunistic",
                "mail.example.com",
                25,
                Security::Opportunistic,
            ),
            ("smtp://192.0.2.7?tls=none", "192.0.2.7", 587, Security::None),
            ("smtp://localhost:25", "localhost", 25, Security::None),
            ("smtp://127.0.0.1:2525", "127.0.0.1", 2525, Security::None),
            ("smtp://[::1]:2525", "::1", 2525, Security::None),
            ("smtp://u:p@127.0.0.1:2525", "127.0.0.1", 2525, Security::Required),
            ("smtp://localhost?tls=required", "localhost", 587, Security::Required),
        ] {
            assert_eq!(read(text), Ok((host.to_owned(), port, security)), "{text}");
        }
    }

    #[test]
    fn threat_k1_a_password_never_goes_as_plain_text_and_is_never_printed() {
        for text in ["smtp://u:p@mail.example.com?tls=none", "smtp://u:p@127.0.0.1?tls=opportunistic"] {
            assert_eq!(read(text), Err(InvalidSmtpUrl::PlainPassword), "{text}");
        }
        let url: SmtpUrl = "smtps://alpha:hunter2%20%C3%A9@mail.example.com".parse().unwrap();
        assert_eq!(url.login.as_ref().unwrap().password.expose(), "hunter2 é");
        let printed = format!("{url} {url:?}");
        assert!(!printed.contains("hunter2"), "{printed}");
        assert_eq!(url.to_string(), "mail.example.com:465, TLS");
    }

    #[test]
    fn anything_else_is_refused() {
        for (text, why) in [
            ("mail.example.com", InvalidSmtpUrl::Form),
            ("http://mail.example.com", InvalidSmtpUrl::Form),
            ("smtp://", InvalidSmtpUrl::Form),
            ("smtp:mail.example.com", InvalidSmtpUrl::Form),
            ("smtp://mail.example.com/path", InvalidSmtpUrl::Form),
            ("smtp://mail.example.com#x", InvalidSmtpUrl::Form),
            ("smtps://mail.example.com?tls=none", InvalidSmtpUrl::Query),
            ("smtp://mail.example.com?tls=maybe", InvalidSmtpUrl::Query),
            ("smtp://u@mail.example.com", InvalidSmtpUrl::Login),
            ("smtps://:p@mail.example.com", InvalidSmtpUrl::Login),
            ("smtps://u:%00@mail.example.com", InvalidSmtpUrl::Login),
        ] {
            assert_eq!(read(text), Err(why), "{text}");
        }
    }
}
