//! A scratch PostgreSQL: found or installed, made anew, tuned to be fast and to show mistakes.

mod cluster;
mod install;
mod owner;

pub(crate) use cluster::Cluster;
pub(crate) use install::{Binaries, PACKAGE};
