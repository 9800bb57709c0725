//! Holds every answer that any test gets against the API's description.

use std::collections::HashMap;
use std::sync::LazyLock;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Map, Value, json};

use super::Answer;

/// The description, compiled once for all tests.
static DESCRIPTION: LazyLock<Description> = LazyLock::new(Description::compile);

const ADDRESS: &str = "http://description.invalid/openapi.json";

struct Description {
    document: Value,
    /// By JSON pointer.
    compiled: HashMap<String, SchemaIndex>,
    schemas: Schemas,
}

/// What is wrong, by the description, with an answer of the route that has this pattern: a path of the description, or
/// one without its dialect's base path. A method that the route does not have is its refusal's matter, not the
/// description's.
pub(super) fn undescribed(method: &str, pattern: &str, answer: &Answer) -> Option<String> {
    DESCRIPTION.undescribed(method, pattern, answer)
}

impl Description {
    fn compile() -> Self {
        let mut document = keyward_http::openapi_document("", |_| true);
        close(&mut document);
        let paths = document["paths"].as_object().expect("paths").clone();
        let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
        compiler.enable_format_assertions();
        compiler.add_resource(ADDRESS, document.clone()).expect("a document");
        let mut compiled = HashMap::new();
        for (path, methods) in &paths {
            for (method, operation) in methods.as_object().expect("methods") {
                for status in operation["responses"].as_object().expect("responses").keys() {
                    let (pointer, response) = response(&document, path, method, status).expect("a response");
                    for media_type in response["content"].as_object().into_iter().flat_map(|map| map.keys()) {
                        let pointer = format!("{pointer}/content/{}/schema", escaped(media_type));
                        let schema = compiler.compile(&format!("{ADDRESS}#{pointer}"), &mut schemas);
                        compiled.insert(pointer, schema.unwrap_or_else(|error| panic!("{error:#}")));
                    }
                }
            }
        }
        Self { document, compiled, schemas }
    }

    fn undescribed(&self, method: &str, pattern: &str, answer: &Answer) -> Option<String> {
        let (template, methods) = self.route(pattern)?;
        // `HEAD` is `GET` without a body.
        let shown_by = if method == "HEAD" { "GET" } else { method };
        let method = methods.keys().find(|name| name.to_uppercase() == shown_by)?;
        let status = answer.status.to_string();
        let Some((pointer, response)) = response(&self.document, template, method, &status) else {
            return Some(format!("{method} {template}: no status {status} is described"));
        };
        let content_type =
            answer.header("content-type").map(|value| value.split(';').next().unwrap_or(value));
        let described = response["content"].as_object();
        match content_type {
            None if answer.body.is_empty() => None,
            None => Some(format!("{method} {template}: {status} has a body and no type")),
            Some(found) if described.is_none_or(|described| !described.contains_key(found)) => {
                Some(format!("{method} {template}: {status} is not described as {found}"))
            }
            Some(_) if answer.body.is_empty() => None,
            Some(found) => {
                let schema = self.compiled[&format!("{pointer}/content/{}/schema", escaped(found))];
                let text = || json!(String::from_utf8_lossy(&answer.body));
                // A text may read like JSON without being any.
                let json =
                    found.ends_with("json").then(|| serde_json::from_slice(&answer.body).ok()).flatten();
                let body = json.unwrap_or_else(text);
                let error = self.schemas.validate(&body, schema).err()?;
                Some(format!("{method} {template}: {status}: {error}\n{body}"))
            }
        }
    }

    fn route(&self, pattern: &str) -> Option<(&str, &Map<String, Value>)> {
        let paths = self.document["paths"].as_object().expect("paths");
        // A path at the root is that of a dialect, less its base path.
        let at_root = |path: &str| path[1..].find('/').is_some_and(|end| &path[end + 1..] == pattern);
        let whole = paths.get_key_value(pattern);
        let (path, methods) = whole.or_else(|| paths.iter().find(|(path, _)| at_root(path)))?;
        Some((path, methods.as_object().expect("methods")))
    }
}

/// The response and its JSON pointer, wherever it stands.
fn response<'a>(document: &'a Value, path: &str, method: &str, status: &str) -> Option<(String, &'a Value)> {
    let pointer =
        format!("/paths/{}/{method}/responses/{status}", path.replace('~', "~0").replace('/', "~1"));
    let response = document.pointer(&pointer)?;
    match response.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#')) {
        Some(target) => Some((target.to_owned(), document.pointer(target)?)),
        None => Some((pointer.replace('{', "%7B").replace('}', "%7D"), response)),
    }
}

fn escaped(text: &str) -> String {
    text.replace('~', "~0").replace('/', "~1")
}

/// Makes each object refuse members that are not described: clients ignore those, but here each is a member that
/// somebody forgot to describe.
fn close(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let is_object = members.get("type").is_some_and(|kind| {
                kind == "object" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("object")))
            });
            if is_object && members.contains_key("properties") {
                members.insert("additionalProperties".to_owned(), json!(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, content_type: &str, body: &str) -> Answer {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Answer { status, headers, body: body.into() }
    }

    #[test]
    fn an_answer_that_is_not_as_described_is_found() {
        let good = r#"{"status":"ok","version":"1"}"#;
        let of = |status, kind, body| undescribed("GET", "/health", &answer(status, kind, body));
        assert_eq!(of(200, "application/json", good), None);
        for (status, kind, body) in [
            (204, "application/json", good),
            (200, "text/plain", good),
            (200, "application/json", r#"{"status":"ok"}"#),
            (200, "application/json", r#"{"status":"odd","version":"1"}"#),
            (200, "application/json", r#"{"status":"ok","version":"1","more":1}"#),
            (200, "application/json", "ok"),
            (503, "application/problem+json", r#"{"title":"x","status":500}"#),
        ] {
            assert!(of(status, kind, body).is_some(), "{status} {kind} {body}");
        }
    }

    #[test]
    fn a_code_that_the_route_does_not_describe_is_found_at_the_root_too() {
        let refusal = |code: &str| {
            let body = json!({"error": {"code": code, "message": "x"}}).to_string();
            answer(409, "application/json", &body)
        };
        for path in ["/api/v1/auth/register", "/tradeready/api/v1/auth/register"] {
            assert_eq!(undescribed("POST", path, &refusal("DUPLICATE_ACCOUNT")), None, "{path}");
            assert!(undescribed("POST", path, &refusal("CONFLICT")).is_some(), "{path}");
        }
    }
}
