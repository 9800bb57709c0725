//! Sends each mail in a conversation of its own.
//!
//! A connection that is kept may have been closed at the other end when the next mail comes, and mails are rare beside
//! requests: a new one each time is one way less to lose a mail.

use std::time::Duration;

use async_trait::async_trait;
use keyward_domain::mail::{MailFailed, Mailer, OutgoingMail};
use lettre::transport::smtp::client::{CertificateStore, TlsParameters};
use tokio::time::timeout;

use super::session::Session;
use super::url::Security;
use super::{Authority, InvalidAuthority, SmtpUrl};
use crate::message::Composer;

/// How long everything but the goodbye may take together: the port promises a minute.
const WHOLE: Duration = Duration::from_secs(55);

/// Hands mail to a mail server.
pub struct SmtpMailer {
    url: SmtpUrl,
    tls: Option<TlsParameters>,
    composer: Composer,
}

impl SmtpMailer {
    /// Speaks to the server at `url`. Its certificate is vouched for by `authority`, or without one by those that
    /// this machine trusts. Reads these from disk.
    pub fn new(
        url: SmtpUrl,
        authority: Option<&Authority>,
        composer: Composer,
    ) -> Result<Self, InvalidAuthority> {
        let tls = match url.security {
            Security::None => None,
            Security::Implicit | Security::Required | Security::Opportunistic => {
                let builder = TlsParameters::builder(url.host.clone());
                let builder = match authority {
                    Some(authority) => builder
                        .certificate_store(CertificateStore::None)
                        .add_root_certificate(authority.certificate()),
                    None => builder,
                };
                Some(builder.build_rustls().map_err(|_| InvalidAuthority)?)
            }
        };
        Ok(Self { url, tls, composer })
    }

    /// Whether the server can be reached, spoken to in TLS, and logged in to. Sends nothing.
    pub async fn check(&self) -> Result<(), MailFailed> {
        let checking = async {
            let mut session = self.open().await?;
            session.ping().await?;
            Ok(session)
        };
        within(checking).await?.close().await;
        Ok(())
    }

    async fn open(&self) -> Result<Session, MailFailed> {
        Session::open(&self.url, self.tls.as_ref(), &self.composer.client_id()).await
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailFailed> {
        let composed = self.composer.compose(mail)?;
        let sending = async {
            let mut session = self.open().await?;
            session.send(&composed).await?;
            Ok(session)
        };
        within(sending).await?.close().await;
        Ok(())
    }
}

async fn within<T>(work: impl Future<Output = Result<T, MailFailed>>) -> Result<T, MailFailed> {
    let late = |_| MailFailed::ForNow(format!("not done within {} seconds", WHOLE.as_secs()));
    timeout(WHOLE, work).await.map_err(late)?
}
