//! Configuration: defaults, then `keyward.toml`, then the environment. The only reader of the environment.
//!
//! Every value remembers where it came from, so that a refusal can name the place that a person must change.

mod limits;
mod parse;
mod reference;
mod settings;
mod source;
mod values;

pub use self::reference::{markdown, toml_example};
pub use self::source::Environment;
pub use self::values::*;
