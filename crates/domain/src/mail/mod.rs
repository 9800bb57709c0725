//! Mail: what Keyward writes to the people behind accounts, the port that sends it, and the outbox in which it waits.
//!
//! Nobody waits for a mail: whoever asks for one leaves an [`OutboxEntry`], which says what was asked for and holds
//! no secret, and a worker makes and sends the mail. What it proves by is made at that moment: see
//! [`single_use`](crate::single_use).

mod delivery;
mod identity;
mod links;
mod mailer;
mod outbox;
mod service;
mod store;

pub use delivery::Delivery;
pub use identity::TypedIdentity;
pub use links::MailLinks;
pub use mailer::{MailContent, MailFailed, Mailer, OutgoingMail};
pub use outbox::{MailKind, OutboxEntry, Recipient, SealedIdentity};
pub use service::{MailPolicy, MailPorts, MailService, Verification};
pub use store::{AddressNotice, MailBell, Outbox, OutboxDepth};
#[cfg(feature = "mocks")]
pub use store::{MockMailBell, MockOutbox};
