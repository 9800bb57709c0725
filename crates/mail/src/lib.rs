//! Adapter: sends mail, over SMTP or into files, and knows throw-away mailboxes.
//!
//! | file | what |
//! |---|---|
//! | `message.rs` | one mail as bytes: headers that are ours alone, a text and an HTML part |
//! | `texts.rs` | what the mails say, from `templates/` |
//! | `address.rs` | addresses as headers and commands may hold them |
//! | `smtp/` | the conversation with a mail server: where it is, what it answers, how long it may take |
//! | `file.rs` | each mail a file, for a server without a mail server |
//! | `disposable.rs` | throw-away mailboxes: a list of their domains in `data/`, and an operator's own |
//!
//! Security: whatever people typed reaches a header or a command only as an address that `address.rs` has read
//! again. Names stand in bodies alone.

mod address;
mod disposable;
mod file;
mod message;
mod smtp;
mod texts;

pub use address::{InvalidSender, Sender};
pub use disposable::{AllowedAndDenied, DisposableMailboxes, DomainNames, InvalidDomainNames};
pub use file::FileMailer;
pub use message::Composer;
pub use smtp::{Authority, InvalidAuthority, InvalidSmtpUrl, SmtpMailer, SmtpUrl};
