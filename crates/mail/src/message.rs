//! One mail as bytes: headers that are ours alone, a text and an HTML part.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use keyward_domain::mail::{MailFailed, OutgoingMail};
use keyward_domain::time::Clock;
use lettre::message::header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Body, Message, MultiPart, MultiPartKind, SinglePart};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, address::Envelope};
use url::{Host, Url};

use crate::address::{self, Sender};
use crate::texts::Texts;

/// Writes the mails of one server.
#[derive(Clone)]
pub struct Composer {
    sender: Sender,
    public_url: String,
    host: Option<Host>,
    clock: Arc<dyn Clock>,
}

/// A mail, written.
pub(crate) struct Composed {
    pub(crate) from: Address,
    pub(crate) to: Address,
    pub(crate) bytes: Vec<u8>,
}

impl Composed {
    /// Whether the recipient's mailbox has a name beyond ASCII, which not every server takes (RFC 6531).
    pub(crate) fn needs_utf8(&self) -> bool {
        !self.to.user().is_ascii()
    }
}

/// That no person wrote this, so that no machine answers it (RFC 3834, section 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Composer {
    /// For the server that clients call by `public_url`.
    pub fn new(sender: Sender, public_url: &str, clock: Arc<dyn Clock>) -> Self {
        let host = Url::parse(public_url).ok().and_then(|url| url.host().map(|host| host.to_owned()));
        Self { sender, public_url: public_url.trim_end_matches('/').to_owned(), host, clock }
    }

    /// What the server calls itself before a mail server (RFC 5321, section 4.1.3).
    pub(crate) fn client_id(&self) -> ClientId {
        match &self.host {
            Some(Host::Domain(name)) => ClientId::Domain(name.clone()),
            Some(Host::Ipv4(address)) => ClientId::Ipv4(*address),
            Some(Host::Ipv6(address)) => ClientId::Ipv6(*address),
            None => ClientId::Domain("localhost".to_owned()),
        }
    }

    /// Writes it down.
    pub(crate) fn compose(&self, mail: &OutgoingMail) -> Result<Composed, MailFailed> {
        let unreachable = || MailFailed::ForGood("the address cannot be written to a mail".to_owned());
        let to = address::recipient(&mail.to).ok_or_else(unreachable)?;
        let from = self.sender.address();
        let unwritten = |_| MailFailed::ForGood("the mail cannot be written".to_owned());
        let texts = Texts::of(mail, &self.public_url)
            .map_err(|_| MailFailed::ForGood("the mail's words cannot be written".to_owned()))?;
        let envelope = Envelope::new(Some(from.clone()), vec![to.clone()]).map_err(unwritten)?;
        // An address literal is one in a Message-ID as well (RFC 5322, section 3.6.4).
        let message_id = format!("<{}@{}>", mail.id, self.client_id());
        // Nothing in either part can look like it: it is as random as the id.
        let boundary = format!("keyward-{}", mail.id.as_uuid().simple());
        let parts = MultiPart::builder()
            .kind(MultiPartKind::Alternative)
            .boundary(boundary)
            .singlepart(part(ContentType::TEXT_PLAIN, texts.text))
            .singlepart(part(ContentType::TEXT_HTML, texts.html));
        let message = Message::builder()
            .from(self.sender.mailbox())
            .to(to.clone().into())
            .date(self.date())
            .message_id(Some(message_id))
            .subject(texts.subject)
            .header(AutoSubmitted)
            .envelope(envelope)
            .multipart(parts)
            .map_err(unwritten)?;
        Ok(Composed { from, to, bytes: message.formatted() })
    }

    /// A clock that is far off must not stop the mail: the header holds the years 1970 to 9999.
    fn date(&self) -> SystemTime {
        let seconds = self.clock.now().unix_seconds().max(0);
        SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    }
}

/// ASCII stays as it is, so that a link is whole in the file, too, and not only where it is decoded. Anything else is
/// encoded.
fn part(kind: ContentType, text: String) -> SinglePart {
    // RFC 5322, section 2.1.1, less the line's end.
    const LONGEST_LINE: usize = 998;
    let is_plain = text.is_ascii() && !text.contains('\r');
    let builder = SinglePart::builder().header(kind);
    if is_plain && text.lines().all(|line| line.len() <= LONGEST_LINE) {
        let lines = text.replace('\n', "\r\n").into_bytes();
        builder.body(Body::dangerous_pre_encoded(lines, ContentTransferEncoding::SevenBit))
    } else {
        builder.body(text)
    }
}

#[cfg(test)]
mod tests;
