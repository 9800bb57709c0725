//! Figures of the process itself, beside what each part of the server tells.

mod event_loop;
mod mail;
mod panics;
mod process;

pub(crate) use event_loop::EventLoops;
pub(crate) use mail::MailCounts;
pub(crate) use panics::count as count_panic;
pub(crate) use process::Process;
