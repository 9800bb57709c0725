//! Rows: private mirrors of the tables, and the way from them to the domain and back.
//!
//! A row that the domain does not understand is [`Corrupt`], never a panic and never a default.

mod account;
mod agent;
mod agent_changes;
mod audit_event;
mod counter;
mod idempotency_record;
mod key;
mod outbox;
mod revocation;
mod session;
mod signing_key;
mod single_use_token;
mod slot;

use std::str::FromStr;

pub(crate) use account::{AccountRow, AccountStandingRow, plan_column, status_columns};
pub(crate) use agent::{AgentRow, AgentStandingRow};
pub(crate) use agent_changes::AgentChangesRow;
pub(crate) use audit_event::AuditEventRow;
pub(crate) use counter::{CounterRow, guard};
pub(crate) use idempotency_record::IdempotencyRecordRow;
pub(crate) use key::{KeyRow, KeySummaryRow, StateColumns};
use keyward_domain::secret::Digest;
pub(crate) use outbox::OutboxRow;
pub(crate) use revocation::{RevocationRow, SubjectColumns};
pub(crate) use session::SessionRow;
pub(crate) use signing_key::{ACTIVE, PUBLISHED, RETIRED, SigningKeyRow};
pub(crate) use single_use_token::SingleUseTokenRow;
pub(crate) use slot::{CURRENT, SUPERSEDED, SlotRow, slots};

use crate::error::Corrupt;

/// `text` as the type that the column holds.
fn parsed<T: FromStr>(column: &str, text: &str) -> Result<T, Corrupt> {
    text.parse().map_err(|_| unreadable(column))
}

/// A counter: the columns are wider than what they count.
fn counted(column: &str, number: i64) -> Result<u32, Corrupt> {
    u32::try_from(number).map_err(|_| unreadable(column))
}

pub(crate) fn digest(column: &str, bytes: &[u8]) -> Result<Digest, Corrupt> {
    bytes.try_into().map(Digest::new).map_err(|_| unreadable(column))
}

fn unreadable(column: &str) -> Corrupt {
    Corrupt(format!("{column} is unreadable"))
}
