//! Where mail goes: to a mail server, or into files.

use std::path::PathBuf;
use std::sync::Arc;

use keyward_domain::mail::Mailer;
use keyward_domain::time::Clock;
pub use keyward_mail::{Authority, DisposableMailboxes, DomainNames, Sender, SmtpUrl};
use keyward_mail::{Composer, FileMailer, SmtpMailer};
pub(crate) use keyward_mail::{InvalidSender, InvalidSmtpUrl};

use crate::config::Config;
use crate::founding::StartError;

/// Where mail goes.
#[derive(Clone)]
pub(crate) enum Post {
    /// To this mail server.
    Server(Arc<SmtpMailer>, SmtpUrl),
    /// Into files below this folder.
    Files(Arc<FileMailer>, PathBuf),
}

impl Post {
    /// What the configuration says, ready to send.
    pub(crate) fn open(config: &Config, public_url: &str, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let composer = Composer::new(config.mail_from.clone(), public_url, clock);
        match config.smtp_url.clone() {
            Some(url) => SmtpMailer::new(url.clone(), config.mail_authority.as_ref(), composer)
                .map(|mailer| Self::Server(Arc::new(mailer), url))
                .map_err(|error| StartError::Mail(error.to_string())),
            None => {
                let folder = config.data_dir.value.join("outbox");
                let mailer = FileMailer::new(folder.clone(), composer).map_err(StartError::machine)?;
                Ok(Self::Files(Arc::new(mailer), folder))
            }
        }
    }

    /// What hands it over.
    pub(super) fn mailer(&self) -> Arc<dyn Mailer> {
        match self {
            Self::Server(mailer, _) => mailer.clone(),
            Self::Files(mailer, _) => mailer.clone(),
        }
    }

    /// Whether mail can be handed over: speaks to the server, up to the login, and sends none.
    pub(crate) async fn check(&self) -> Result<String, String> {
        match self {
            Self::Server(mailer, url) => match mailer.check().await {
                Ok(()) => Ok(url.to_string()),
                Err(error) => Err(format!("{url}: {error}")),
            },
            Self::Files(_, folder) => Ok(format!("files in {}", folder.display())),
        }
    }
}
