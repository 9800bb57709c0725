//! Sessions: people who are logged in with a browser.
//!
//! A session's text is an opaque token that the browser keeps in a cookie; only a digest of it is stored. A session is
//! bound to its account's epoch: whatever ends all of an account's tokens ends its sessions, on the next request. It
//! ends by itself when nobody has used it for a while, and in any case at the end of its time.

mod error;
mod service;
mod session;
mod store;

pub use error::{BeginSessionError, SessionRefused};
pub use service::{BegunSession, SessionService, SignedIn};
pub use session::{Session, SessionPolicy};
#[cfg(feature = "mocks")]
pub use store::MockSessionStore;
pub use store::{SessionStart, SessionStore};
