//! Routes as data: what is mounted, who may call it, and the table of it all.

mod access;
mod builder;
mod cross_origin;
mod table;

pub use access::CredentialKind;
pub(crate) use access::{ANYBODY_KNOWN, Access};
pub(crate) use builder::{Dress, Routes};
pub(crate) use table::{Hosts, Surface};
pub use table::{RouteRow, route_table};
