//! Rate limits: how much of something one subject may have in some time.
//!
//! A [`Quota`] passes its full number at once and then refills evenly (GCRA, the generic cell rate algorithm of ITU-T
//! I.371, with that burst). A [`Bucket`] says what is counted and for whom. There are two ports: [`ExactLimiter`] for what
//! guards credentials, the same over all servers and across a restart, and [`TrafficLimiter`] for everything else, a plain
//! function over this server's memory.

mod bucket;
mod decisions;
mod guard;
mod limiter;
mod login;
mod policy;
mod quota;
mod service;

pub use bucket::{Bucket, LimitMac, LimitName, LimitSubject, Network};
pub use guard::{Attempt, GuardKey, GuardPolicy, GuardState};
pub use limiter::{
    Counter, CounterKey, CounterStore, CounterUpkeep, CounterValue, ExactLimiter, NotShared, TrafficExchange,
    TrafficLimiter,
};
pub use login::LoginIdentity;
pub use policy::LimitPolicy;
pub use quota::{Decision, Quota, Standing};
pub use service::{Admission, AdmitError, LimitService, Limited};
