//! An example of what a schema describes, for people who read about it.

use serde_json::{Map, Value, json};

/// How deep an example goes; schemas that contain themselves end there.
const DEEPEST: usize = 8;

/// A value of this schema: its own example where it has one, else the simplest thing that it allows.
pub(crate) fn example(document: &Value, schema: &Value) -> Value {
    of(document, schema, DEEPEST)
}

fn of(document: &Value, schema: &Value, depth: usize) -> Value {
    if depth == 0 {
        return Value::Null;
    }
    if let Some(target) = referred(document, schema) {
        return of(document, target, depth - 1);
    }
    let given = schema.get("example").or_else(|| schema.pointer("/examples/0"));
    let given = given.or_else(|| schema.get("const")).or_else(|| schema.get("default"));
    if let Some(given) = given.or_else(|| schema.pointer("/enum/0")) {
        return given.clone();
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        let some = schema.get(several).and_then(Value::as_array).into_iter().flatten();
        if let Some(first) = some.into_iter().find(|one| one.get("type") != Some(&json!("null"))) {
            return of(document, first, depth - 1);
        }
    }
    match kind(schema) {
        "object" => {
            let members = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
            let members = members.map(|(name, member)| (name.clone(), of(document, member, depth - 1)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        "array" => {
            schema.get("items").map(|items| json!([of(document, items, depth - 1)])).unwrap_or_default()
        }
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "boolean" => json!(true),
        "string" => json!(text(schema)),
        _ => Value::Null,
    }
}

/// The schema's type; of several the first that is not null.
fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::Array(several)) => {
            several.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
        }
        Some(kind) => kind.as_str().unwrap_or_default(),
        None => "",
    }
}

fn text(schema: &Value) -> &'static str {
    match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => "0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b",
        Some("date-time") => "2026-03-19T13:00:00Z",
        Some("email") => "alpha@example.com",
        Some("uri") => "https://example.com/picture.png",
        Some("password") => "correct horse battery",
        _ => "…",
    }
}

/// The schema that a reference names.
pub(crate) fn referred<'a>(document: &'a Value, schema: &Value) -> Option<&'a Value> {
    document.pointer(schema.get("$ref")?.as_str()?.strip_prefix('#')?)
}
