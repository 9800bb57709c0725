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
    schemes: Vec<Scheme<'a>>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::document;

    #[test]
    fn the_page_shows_every_operation_and_no_markup_of_the_documents_own() {
        let document = document("https://example.com/<&>", |_| true);
        let page = page(&document);
        for (path, methods) in document["paths"].as_object().unwrap() {
            for operation in methods.as_object().unwrap().values() {
                let id = operation["operationId"].as_str().unwrap();
                assert!(page.contains(&format!("id=\"{id}\"")), "{path} {id}");
                assert!(page.contains(&format!("href=\"#{id}\"")), "{path} {id}");
            }
        }
        assert!(!page.contains("<&>") && !page.contains("<script") && !page.contains(" style="));
        let addresses = page.matches("href=\"").count();
        assert_eq!(addresses, page.matches("href=\"#").count() + 2, "the style sheet and the document");
    }
}
