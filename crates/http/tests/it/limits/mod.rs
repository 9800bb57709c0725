//! Limits as clients meet them.

mod anonymous;
mod client;
mod every_route;
mod exact;
mod failed_credentials;
mod guard;
mod new_accounts;
mod outage;
mod plans;
mod told;
