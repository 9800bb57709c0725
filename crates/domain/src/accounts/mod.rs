//! Accounts: durable owners of agents and keys. What vendors call user, tenant or organization.

mod account;
mod administration;
mod disposable;
mod email;
mod error;
mod identities;
mod name;
mod outcomes;
mod password;
mod password_change;
mod password_check;
mod plan;
mod service;
mod starting_balance;
mod store;

pub use account::*;
pub use disposable::*;
pub use email::{EmailAddress, InvalidEmail};
pub use error::*;
pub use identities::*;
pub use name::DisplayName;
pub use password::*;
pub use password_check::CheckPasswordError;
pub(crate) use password_check::{CheckedLogin, PasswordCheck};
pub use plan::Plan;
pub use service::*;
pub use starting_balance::{InvalidStartingBalance, StartingBalance};
pub use store::*;
