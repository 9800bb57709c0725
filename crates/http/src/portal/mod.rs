//! The portal: pages for people. They sign up, log in, show that an address is theirs, and look after their keys.
//!
//! Plain HTML that needs no script. A page is made by a handler from one use case and one template; what is checked of
//! every request stands before it: the host that it was addressed to and, where it changes something, where it came from
//! and what its form proves (`browser.rs`). Every answer, refusals too, is dressed alike (`site.rs`).

mod browser;
mod cookies;
mod error;
mod forms;
mod handlers;
mod openapi;
mod origin;
mod pages;
mod repeats;
mod routes;
mod site;
mod words;

pub(crate) use cookies::SESSION_COOKIE;
pub(crate) use error::fault;
pub(crate) use openapi::{ABOUT, words};
pub use origin::is_loopback;
pub(crate) use routes::{is_addressed, routes};
pub(crate) use site::Site;
