//! The portal over HTTP: what a browser is told, and what it cannot do.

mod anonymous;
mod forms;
mod headers;
mod hosts;
mod keys;
mod links;
mod passwords;
mod repeats;
mod scripts;
mod sessions;
mod window;
