//! The description of every route, as OpenAPI 3.1: made of the very list that mounts the routes, and of the types
//! that their JSON is read into and written from.
//!
//! | file | what |
//! |---|---|
//! | `operation` | what a route says of itself: an [`Operation`], beside its path |
//! | `refused` | how a surface refuses: its envelope, and the codes that all of its routes have |
//! | `schema` | the schema of a wire type, and small ones by hand |
//! | `document` | all of it together, for the dialects that are spoken |
//! | `render` | one operation as the document has it |
//! | `example` | an example of what a schema describes |
//! | `page` | the document as a page for people |

mod document;
mod example;
mod operation;
mod page;
mod refused;
mod render;
mod schema;

pub use document::document;
pub(crate) use document::spoken;
pub(crate) use example::{example, referred};
pub(crate) use operation::{Described, Operation};
pub(crate) use page::page;
pub(crate) use refused::{Refused, Words, problems};
pub(crate) use schema::{Shape, one_of};
