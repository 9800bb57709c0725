//! Mail for real: the binary, a database and a mail server.
//!
//! | file | what |
//! |---|---|
//! | `links.rs` | what is mailed verifies an address and resets a password, once |
//! | `trouble.rs` | a mail server that is down, says nothing, refuses or cuts: nobody waits, and no mail is lost |
//! | `killed.rs` | `kill -9` while mails are being sent |
//! | `post.rs` | the mail server, and the databases |

mod killed;
mod links;
mod post;
mod trouble;
