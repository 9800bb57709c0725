//! Everything that `route_coverage` needs: the cases, who asks, and the matrix of both.

mod asker;
pub(crate) mod cases;
mod matrix;

pub(crate) use asker::{Stage, Who};
pub(crate) use cases::{CASES, Case};
pub(crate) use matrix::violations;
