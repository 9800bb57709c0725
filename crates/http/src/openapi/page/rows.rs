//! What may stand in a body or parameter, as rows of a table.

use serde_json::Value;

use super::text;
use super::view::Prose;
use crate::openapi::referred;

/// How deep members of members are shown.
const DEEPEST: usize = 4;

/// One member, or one parameter.
pub(super) struct Row {
    pub(super) name: String,
    /// `path`, `query` or `header`; empty for a member.
    pub(super) place: String,
    pub(super) kind: String,
    pub(super) required: bool,
    pub(super) about: Prose,
}

impl Row {
    pub(super) fn of_parameter(document: &Value, parameter: &Value) -> Self {
        Self {
            name: text(parameter, "/name").to_owned(),
            place: text(parameter, "/in").to_owned(),
            kind: parameter.get("schema").map(|schema| kind(document, schema)).unwrap_or_default(),
            required: parameter.get("required") == Some(&Value::Bool(true)),
            about: Prose::of(text(parameter, "/description")),
        }
    }
}

/// The members of an object, those of its members behind each: `a`, `a.b`, `c[].d`.
pub(super) fn rows(document: &Value, schema: &Value) -> Vec<Row> {
    let mut found = Vec::new();
    collect(document, schema, "", DEEPEST, &mut found);
    found
}

fn collect(document: &Value, schema: &Value, above: &str, depth: usize, found: &mut Vec<Row>) {
    let schema = resolved(document, schema);
    if depth == 0 {
        return;
    }
    if let Some(items) = schema.get("items") {
        return collect(document, items, &format!("{above}[]"), depth - 1, found);
    }
    let required = schema.get("required").and_then(Value::as_array);
    for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        let described = [member, resolved(document, member)].map(|schema| text(schema, "/description"));
        let about = described.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
        found.push(Row {
            name: path.clone(),
            place: String::new(),
            kind: kind(document, member),
            required: required.is_some_and(|required| required.contains(&Value::from(name.as_str()))),
            about: Prose::of(about),
        });
        collect(document, member, &path, depth - 1, found);
    }
}

/// The schema itself, where it is a reference, or may be null.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(target) = referred(document, schema) {
        return target;
    }
    let either = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let either = either.filter_map(|one| referred(document, one)).next();
    either.or_else(|| schema.pointer("/anyOf/0")).unwrap_or(schema)
}

/// What may stand there, in a few words.
fn kind(document: &Value, schema: &Value) -> String {
    let may_be_null = schema.get("oneOf").is_some();
    let schema = resolved(document, schema);
    let mut words = match schema.get("type") {
        Some(Value::Array(several)) => {
            several.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ")
        }
        Some(one) => one.as_str().unwrap_or_default().to_owned(),
        None => String::new(),
    };
    if let Some(items) = schema.get("items") {
        words = format!("{words} of {}", kind(document, items));
    }
    if may_be_null {
        words.push_str(" or null");
    }
    if let Some(texts) = schema.get("enum").and_then(Value::as_array) {
        let texts: Vec<&str> = texts.iter().filter_map(Value::as_str).collect();
        words = format!("one of {}", texts.join(", "));
    }
    if let Some(format) = schema.get("format").and_then(Value::as_str).filter(|name| !name.starts_with("int"))
    {
        words = format!("{words}, {format}");
    }
    for (key, name) in
        [("minimum", "from"), ("maximum", "to"), ("minLength", "at least"), ("maxLength", "at most")]
    {
        if let Some(bound) = schema.get(key).filter(|bound| bound.as_u64() != Some(0)) {
            words = format!("{words}, {name} {bound}");
        }
    }
    words
}
