//! Mail: what Keyward writes to the people behind accounts, and the port that sends it.

mod mailer;

pub use mailer::{MailContent, MailFailed, Mailer, OutgoingMail};
