//! Port: sends one mail.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::accounts::{DisplayName, EmailAddress};
use crate::ids::MailId;
use crate::secret::Secret;

/// One mail, ready to be written and sent. It is made when it is sent, and rests nowhere: it holds a live token.
#[derive(Clone)]
pub struct OutgoingMail {
    /// Names it: `Message-ID` is made of it, so that a mail which is sent twice is told apart from two mails.
    pub id: MailId,
    /// Who gets it: one recipient.
    pub to: EmailAddress,
    /// What the account is called. Security: it was chosen by whoever registered; it belongs into no header.
    pub account_name: DisplayName,
    /// What it says.
    pub content: MailContent,
}

/// What a mail says.
#[derive(Clone)]
pub enum MailContent {
    /// Follow the link to show that the address is yours.
    VerifyAddress {
        /// A whole URL, which holds the token.
        link: Secret<String>,
        /// For how long the link is good.
        lifetime: Duration,
    },
    /// Follow the link to choose another password.
    ResetPassword {
        /// A whole URL, which holds the token.
        link: Secret<String>,
        /// For how long the link is good.
        lifetime: Duration,
        /// The address was never verified: the reset ends every key, token and session from before it.
        ends_keys: bool,
    },
    /// Somebody tried to register with this address, which has an account already.
    AddressInUse,
}

impl MailContent {
    /// What the mail asks its reader to follow.
    pub const fn link(&self) -> Option<&Secret<String>> {
        match self {
            Self::VerifyAddress { link, .. } | Self::ResetPassword { link, .. } => Some(link),
            Self::AddressInUse => None,
        }
    }

    /// For how long that is good.
    pub const fn lifetime(&self) -> Option<Duration> {
        match self {
            Self::VerifyAddress { lifetime, .. } | Self::ResetPassword { lifetime, .. } => Some(*lifetime),
            Self::AddressInUse => None,
        }
    }
}

impl fmt::Debug for OutgoingMail {
    /// Prints nothing of whom it is for or what it says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutgoingMail({:?})", self.id)
    }
}

/// Why a mail was not sent. The text is for the operator's log: it names neither address nor content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailFailed {
    /// It may succeed later: the server is away, slow, or says so (4xx).
    #[error("not sent for now: {0}")]
    ForNow(String),
    /// It never will: the server refuses this recipient or mail for good (5xx).
    #[error("refused: {0}")]
    ForGood(String),
}

/// Port: sends one mail. It answers within a minute, whatever the other side does.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends it. After `Ok` somebody else is responsible for it. After an error it may have been sent all the same, when
    /// the connection was cut at its end.
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailFailed>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_k1_a_mail_does_not_print() {
        let link = Secret::new("https://id.example.com/reset-password?token=hunter2".to_owned());
        let mail = OutgoingMail {
            id: MailId::from_uuid(uuid::Uuid::nil()),
            to: EmailAddress::parse("alpha@example.com").unwrap(),
            account_name: DisplayName::parse("Alpha").unwrap(),
            content: MailContent::ResetPassword {
                link,
                lifetime: Duration::from_secs(3_600),
                ends_keys: false,
            },
        };
        let printed = format!("{mail:?}");
        assert!(!printed.contains("hunter2") && !printed.contains("alpha"), "{printed}");
    }
}
