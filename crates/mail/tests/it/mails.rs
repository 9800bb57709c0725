//! Mails to send, and who sends them.

use std::sync::Arc;
use std::time::Duration;

use keyward_domain::accounts::{DisplayName, EmailAddress};
use keyward_domain::ids::MailId;
use keyward_domain::mail::{MailContent, MailFailed, Mailer, OutgoingMail};
use keyward_domain::secret::Secret;
use keyward_mail::{Authority, Composer, SmtpMailer};
use keyward_testkit::clock::FakeClock;
use keyward_testkit::smtp::{Manners, SmtpServer};
use uuid::Uuid;

pub(crate) const LINK: &str = "https://id.example.com/reset-password?token=hunter2";

pub(crate) fn composer() -> Composer {
    let sender = "Keyward <no-reply@example.com>".parse().unwrap();
    Composer::new(sender, "https://id.example.com", Arc::new(FakeClock::new()))
}

pub(crate) fn reset(to: &str) -> OutgoingMail {
    OutgoingMail {
        id: MailId::from_uuid(Uuid::from_u128(7)),
        to: EmailAddress::parse(to).unwrap(),
        account_name: DisplayName::parse("Alpha").unwrap(),
        content: MailContent::ResetPassword {
            link: Secret::new(LINK.to_owned()),
            lifetime: Duration::from_secs(3_600),
            ends_keys: false,
        },
    }
}

pub(crate) fn mailer(url: &str, authority: Option<&str>) -> SmtpMailer {
    let authority = authority.map(|pem| Authority::from_pem(pem.as_bytes()).unwrap());
    SmtpMailer::new(url.parse().unwrap(), authority.as_ref(), composer()).unwrap()
}

/// A server with these manners, and what sending one mail to it comes to.
pub(crate) async fn send_to(manners: Manners) -> (SmtpServer, Result<(), MailFailed>) {
    let server = SmtpServer::start(manners).await;
    let mailer = mailer(&format!("smtp://{}", server.address()), None);
    let sent = mailer.send(&reset("alpha@example.com")).await;
    (server, sent)
}
