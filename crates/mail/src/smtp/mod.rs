//! The conversation with a mail server.

mod authority;
mod bounded;
mod mailer;
mod session;
mod url;

pub use authority::{Authority, InvalidAuthority};
pub use mailer::SmtpMailer;
pub use url::{InvalidSmtpUrl, SmtpUrl};
