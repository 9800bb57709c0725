//! The whole app in one process: the composition that the binary runs, on a database of the test's own, with a
//! clock and randomness that do as they are told.

mod answer;
mod described;
mod golden;
mod own_key;
mod persona;
mod ready_keys;
mod test_app;

pub use answer::Answer;
pub use golden::check_stories;
pub use persona::Persona;
pub use test_app::{Database, TestApp};
