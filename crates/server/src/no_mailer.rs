//! Where there is no mailer: every mail waits, and is given up after a day.

use async_trait::async_trait;
use keyward_domain::mail::{MailFailed, Mailer, OutgoingMail};

/// Sends nothing.
pub(crate) struct NoMailer;

#[async_trait]
impl Mailer for NoMailer {
    async fn send(&self, _mail: &OutgoingMail) -> Result<(), MailFailed> {
        Err(MailFailed::ForNow("this version sends no mail".to_owned()))
    }
}
