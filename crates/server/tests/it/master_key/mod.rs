//! The master key is exchanged under a running server: what was made before goes on, whatever cuts it short.

mod at_once;
mod by_restart;
mod cut_short;
mod world;
