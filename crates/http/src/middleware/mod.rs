//! What happens to every request, whatever surface it is for.

mod guard;
mod request_id;
mod unread;

pub(crate) use guard::guarded;
pub(crate) use request_id::with_request_id;
pub(crate) use unread::Unread;
