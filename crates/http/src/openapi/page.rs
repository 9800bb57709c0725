//! `/docs`: the document as a page for people, written on the server.

mod rows;
mod view;

use askama::Template;
use serde_json::Value;

use self::view::{Part, Prose, Scheme};

/// The page. What it shows is in the document, and nowhere else.
#[derive(Template)]
#[template(path = "docs.html")]
struct Page<'a> {
    title: &'a str,
    version: &'a str,
    server: &'a str,
    about: Vec<Prose>,
    schemes: Vec<Scheme>,
    parts: Vec<Part<'a>>,
}

/// Writes the page. Writing into memory does not fail.
pub(crate) fn page(document: &Value) -> String {
    let server = text(document, "/servers/0/url");
    let tags = document.get("tags").and_then(Value::as_array).into_iter().flatten();
    let page = Page {
        title: text(document, "/info/title"),
        version: text(document, "/info/version"),
        server,
        about: text(document, "/info/description").split("\n\n").map(Prose::of).collect(),
        schemes: Scheme::all(document),
        parts: tags.map(|tag| Part::of(document, tag)).collect(),
    };
    page.render().unwrap_or_default()
}

/// A text of the document, by JSON pointer; empty if it is not there.
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
