//! What the mails say. The words stand in `templates/`; each mail has a text and an HTML part with the same words and
//! the same whole link.

use std::time::Duration;

use askama::Template;
use keyward_domain::mail::{MailContent, OutgoingMail};

/// One mail's words.
pub(crate) struct Texts {
    /// Security: fixed, so that nobody's name or address can get into a header.
    pub(crate) subject: &'static str,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// Everything that a template may show. Security: askama escapes all of it in the HTML ones.
struct Words<'a> {
    /// What the account is called.
    name: &'a str,
    /// Where the server is.
    url: &'a str,
    link: &'a str,
    /// How long the link is good.
    good_for: String,
    ends_keys: bool,
}

#[derive(Template)]
#[template(path = "verify.txt")]
struct VerifyText<'a>(&'a Words<'a>);

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyHtml<'a>(&'a Words<'a>);

#[derive(Template)]
#[template(path = "reset.txt")]
struct ResetText<'a>(&'a Words<'a>);

#[derive(Template)]
#[template(path = "reset.html")]
struct ResetHtml<'a>(&'a Words<'a>);

#[derive(Template)]
#[template(path = "in_use.txt")]
struct InUseText<'a>(&'a Words<'a>);

#[derive(Template)]
#[template(path = "in_use.html")]
struct InUseHtml<'a>(&'a Words<'a>);

impl Texts {
    /// The words of this mail from the server at `url`.
    pub(crate) fn of(mail: &OutgoingMail, url: &str) -> Result<Self, askama::Error> {
        let ends_keys = matches!(mail.content, MailContent::ResetPassword { ends_keys: true, .. });
        let link = mail.content.link().map_or("", |link| link.expose());
        let good_for = mail.content.lifetime().map_or_else(String::new, in_words);
        let words = Words { name: mail.account_name.as_str(), url, link, good_for, ends_keys };
        let (subject, text, html) = match mail.content {
            MailContent::VerifyAddress { .. } => {
                ("Verify your e-mail address", VerifyText(&words).render()?, VerifyHtml(&words).render()?)
            }
            MailContent::ResetPassword { .. } => {
                ("Reset your password", ResetText(&words).render()?, ResetHtml(&words).render()?)
            }
            MailContent::AddressInUse => (
                "Somebody tried to register with your e-mail address",
                InUseText(&words).render()?,
                InUseHtml(&words).render()?,
            ),
        };
        Ok(Self { subject, text, html })
    }
}

/// Such as "30 minutes" or "24 hours". What no unit divides is a little more than what is said.
fn in_words(duration: Duration) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let seconds = duration.as_secs();
    let (unit, name) = match seconds {
        _ if seconds >= 2 * DAY && seconds.is_multiple_of(DAY) => (DAY, "day"),
        _ if seconds.is_multiple_of(HOUR) => (HOUR, "hour"),
        _ => (MINUTE, "minute"),
    };
    let count = seconds / unit;
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}
