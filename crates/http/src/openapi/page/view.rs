//! What the page shows of the document.

use serde_json::Value;

use super::rows::{Row, rows};
use super::text;
use crate::openapi::{example, referred};

/// A way to say who one is.
pub(super) struct Scheme {
    pub(super) name: String,
    pub(super) shown: String,
    pub(super) about: Prose,
}

impl Scheme {
    pub(super) fn all(document: &Value) -> Vec<Self> {
        let schemes = document.pointer("/components/securitySchemes").and_then(Value::as_object);
        let schemes = schemes.into_iter().flatten();
        schemes
            .map(|(name, scheme)| Self {
                name: name.replace('_', " "),
                shown: credential(document, name),
                about: Prose::of(text(scheme, "/description")),
            })
            .collect()
    }
}

/// One surface.
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    pub(super) about: Prose,
    pub(super) entries: Vec<Entry<'a>>,
}

impl<'a> Part<'a> {
    pub(super) fn of(document: &'a Value, tag: &'a Value) -> Self {
        let name = text(tag, "/name");
        let mut entries = Vec::new();
        for (path, methods) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
            let methods = methods.as_object().into_iter().flatten();
            let own = methods.filter(|(_, operation)| text(operation, "/tags/0") == name);
            entries.extend(own.map(|(method, operation)| Entry::of(document, path, method, operation)));
        }
        Self { name, about: Prose::of(text(tag, "/description")), entries }
    }
}

/// One operation.
pub(super) struct Entry<'a> {
    pub(super) id: &'a str,
    pub(super) method: String,
    pub(super) path: &'a str,
    pub(super) summary: &'a str,
    pub(super) about: Prose,
    pub(super) who: String,
    pub(super) scope: &'a str,
    pub(super) parameters: Vec<Row>,
    pub(super) body: Option<Content>,
    pub(super) answers: Vec<Answer<'a>>,
    pub(super) curl: String,
}

impl<'a> Entry<'a> {
    fn of(document: &'a Value, path: &'a str, method: &str, operation: &'a Value) -> Self {
        let kinds = operation.get("x-keyward-credentials").and_then(Value::as_array).into_iter().flatten();
        let kinds: Vec<&str> = kinds.filter_map(Value::as_str).collect();
        let first = operation.pointer("/security/0").and_then(Value::as_object);
        let first = first.and_then(|schemes| schemes.iter().next());
        let body = operation.get("requestBody").and_then(|body| Content::of(document, body));
        let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
        let responses = operation.get("responses").and_then(Value::as_object).into_iter().flatten();
        Self {
            id: text(operation, "/operationId"),
            method: method.to_uppercase(),
            path,
            summary: text(operation, "/summary"),
            about: Prose::of(text(operation, "/description")),
            who: if kinds.is_empty() { "anyone".to_owned() } else { kinds.join(", ") },
            scope: first.map(|(_, scopes)| text(scopes, "/0")).unwrap_or_default(),
            parameters: parameters.map(|parameter| Row::of_parameter(document, parameter)).collect(),
            curl: curl(document, path, method, first.map(|(name, _)| name.as_str()), body.as_ref()),
            body,
            answers: responses.map(|(status, response)| Answer::of(document, status, response)).collect(),
        }
    }
}

/// One answer.
pub(super) struct Answer<'a> {
    pub(super) status: &'a str,
    pub(super) is_good: bool,
    pub(super) about: Vec<Prose>,
    pub(super) headers: Vec<(&'a str, &'a str)>,
    pub(super) content: Option<Content>,
    /// What refusals look like.
    pub(super) refusals: Vec<String>,
}

impl<'a> Answer<'a> {
    fn of(document: &'a Value, status: &'a str, response: &'a Value) -> Self {
        let response = referred(document, response).unwrap_or(response);
        let is_good = status.starts_with(['2', '3']);
        let headers = response.get("headers").and_then(Value::as_object).into_iter().flatten();
        // What every answer carries is said once, at the top.
        let own = headers.filter(|(_, header)| header.get("$ref").is_none());
        Self {
            status,
            is_good,
            about: text(response, "/description").split("\n\n").map(Prose::of).collect(),
            headers: own.map(|(name, header)| (name.as_str(), text(header, "/description"))).collect(),
            content: Content::of(document, response).filter(|_| is_good),
            refusals: refusals(response),
        }
    }
}

/// The examples of a refusal.
fn refusals(response: &Value) -> Vec<String> {
    let contents = response.get("content").and_then(Value::as_object).into_iter().flatten();
    let examples = contents.filter_map(|(_, content)| content.get("examples")?.as_object()).flatten();
    examples.filter_map(|(_, example)| Some(example.get("value")?.to_string())).collect()
}

/// A body: its members, and an example.
pub(super) struct Content {
    pub(super) required: bool,
    pub(super) media_type: String,
    pub(super) rows: Vec<Row>,
    pub(super) example: String,
}

impl Content {
    fn of(document: &Value, body: &Value) -> Option<Self> {
        let (media_type, content) = body.get("content")?.as_object()?.iter().next()?;
        let schema = content.get("schema")?;
        let example = example(document, schema);
        Some(Self {
            required: body.get("required") == Some(&Value::Bool(true)),
            media_type: media_type.clone(),
            rows: rows(document, schema),
            example: if example.is_object() { format!("{example:#}") } else { String::new() },
        })
    }
}

/// A line for a shell.
fn curl(document: &Value, path: &str, method: &str, scheme: Option<&str>, body: Option<&Content>) -> String {
    let mut line = "curl".to_owned();
    if method != "get" {
        line.push_str(" -X ");
        line.push_str(&method.to_uppercase());
    }
    let mut address = format!("{}{path}", text(document, "/servers/0/url"));
    for (brace, variable) in [("{", "$"), ("}", "")] {
        address = address.replace(brace, variable);
    }
    line.push_str(&format!(" \"{address}\""));
    if let Some(scheme) = scheme {
        line.push_str(&format!(" -H \"{}\"", credential(document, scheme)));
    }
    if let Some(body) = body.filter(|body| !body.example.is_empty()) {
        let compact: Value = serde_json::from_str(&body.example).unwrap_or_default();
        // A quote within single quotes ends them; no example has one.
        let compact = compact.to_string().replace('\'', "");
        line.push_str(&format!(" -H \"Content-Type: application/json\" -d '{compact}'"));
    }
    line
}

/// The header that shows a credential, with a variable for the credential.
fn credential(document: &Value, scheme: &str) -> String {
    let described = document.pointer(&format!("/components/securitySchemes/{scheme}"));
    let header = described.map(|described| text(described, "/name")).unwrap_or_default();
    let variable = scheme.to_uppercase();
    match header {
        "" => format!("Authorization: Bearer ${variable}"),
        header => format!("{header}: ${variable}"),
    }
}

/// Text in which some pieces are code.
pub(super) struct Prose {
    pub(super) pieces: Vec<(bool, String)>,
}

impl Prose {
    /// What stands between backticks is code.
    pub(super) fn of(text: &str) -> Self {
        let pieces = text.split('`').enumerate().filter(|(_, piece)| !piece.is_empty());
        Self { pieces: pieces.map(|(number, piece)| (number % 2 == 1, piece.to_owned())).collect() }
    }
}
