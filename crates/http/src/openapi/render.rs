//! One operation as the document has it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::operation::{Answer, Operation, Parameter, RequestBody};
use super::{Refused, Words};
use crate::portal::SESSION_COOKIE;
use crate::routes::{Access, CredentialKind};

/// Where an operation stands.
pub(super) struct Place<'a> {
    pub(super) surface: &'static str,
    pub(super) path: &'a str,
    pub(super) access: Access,
}

/// What operations refer to.
#[derive(Default)]
pub(super) struct Components {
    pub(super) schemas: BTreeMap<String, Value>,
    pub(super) responses: BTreeMap<String, Value>,
}

impl Components {
    /// A reference to this response, which many operations have alike. It is called so, or so with a number.
    fn shared(&mut self, name: &str, response: Value) -> Value {
        let names =
            (1..).map(|number| if number == 1 { name.to_owned() } else { format!("{name}-{number}") });
        let is_free = |name: &String| self.responses.get(name).is_none_or(|other| *other == response);
        let name = names.into_iter().find(is_free).unwrap_or_default(); // One is free: there are more names than responses.
        let reference = json!({"$ref": format!("#/components/responses/{name}")});
        self.responses.insert(name, response);
        reference
    }
}

/// The operation; what it refers to goes into `components`.
pub(super) fn operation(
    place: &Place<'_>,
    operation: Operation,
    words: &Words,
    components: &mut Components,
) -> Value {
    let Operation { id, summary, text, parameters, body, answers, refusals } = operation;
    let takes_body = body.is_some();
    let parameters = parameters_of(place.path, &parameters);
    let body = body.map(|body| request_body(body, components));
    let mut responses = Map::new();
    for answer in answers {
        responses.insert(answer.status.to_string(), response(answer, components));
    }
    let is_open = place.access.credentials.is_empty();
    let common = [
        Some(&words.with_credential).filter(|_| !is_open),
        Some(&words.with_body).filter(|_| takes_body),
        Some(&words.always),
    ];
    let all = refusals.into_iter().chain(common.into_iter().flatten().flatten().cloned());
    for (status, refused) in by_status(all) {
        let response = refusal(status, &refused, words, components);
        let codes: BTreeSet<&str> = refused.iter().filter_map(|refused| refused.code).collect();
        let name =
            codes.into_iter().fold(format!("{}.{status}", place.surface), |name, code| name + "." + code);
        responses.insert(status.to_string(), components.shared(&name, response));
    }
    let credentials: Vec<&str> = place.access.credentials.iter().map(|kind| kind.as_str()).collect();
    let mut rendered = Map::from_iter([
        ("tags".to_owned(), json!([place.surface])),
        ("operationId".to_owned(), format!("{}_{id}", place.surface).into()),
        ("summary".to_owned(), summary.into()),
        ("description".to_owned(), text.into()),
        ("parameters".to_owned(), parameters),
    ]);
    rendered.extend(body.map(|body| ("requestBody".to_owned(), body)));
    rendered.insert("responses".to_owned(), responses.into());
    rendered.insert("security".to_owned(), security(place.access));
    rendered.insert("x-keyward-credentials".to_owned(), credentials.into());
    rendered.into()
}

/// Those of the path, which are plain ids unless the operation says otherwise, and those that it describes.
fn parameters_of(path: &str, described: &[Parameter]) -> Value {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let is_plain = |name: &&str| !described.iter().any(|other| other.place == "path" && other.name == *name);
    let ids = names.filter(is_plain).map(|name| json!({
        "in": "path",
        "name": name,
        "required": true,
        "description": format!("The {}.", name.replace('_', "'s ")),
        "schema": {"type": "string", "format": "uuid", "examples": ["0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b"]},
    }));
    let described = described.iter().map(|parameter| {
        json!({
            "in": parameter.place,
            "name": parameter.name,
            "required": parameter.place == "path",
            "description": parameter.text,
            "schema": parameter.schema,
        })
    });
    ids.chain(described).collect()
}

fn request_body(body: RequestBody, components: &mut Components) -> Value {
    match body {
        RequestBody::Read { shape, required } => json!({
            "required": required,
            "content": {"application/json": {"schema": shape.placed(&mut components.schemas)}},
        }),
        RequestBody::Form(fields) => json!({
            "required": true,
            "content": {"application/x-www-form-urlencoded": {"schema": {
                "type": "object",
                "properties": fields.iter().map(|(name, text)| {
                    ((*name).to_owned(), json!({"type": "string", "description": text}))
                }).collect::<Map<_, _>>(),
            }}},
        }),
        RequestBody::Ignored => json!({
            "required": false,
            "description": "Not looked at.",
            "content": {"application/json": {"schema": {}}},
        }),
    }
}

fn response(answer: Answer, components: &mut Components) -> Value {
    let mut headers = common_headers();
    for (name, text) in answer.headers {
        headers.insert(name.to_owned(), json!({"description": text, "schema": {"type": "string"}}));
    }
    match answer.content {
        None => json!({"description": answer.text, "headers": headers}),
        Some((media_type, shape)) => json!({
            "description": answer.text,
            "headers": headers,
            "content": {media_type: {"schema": shape.placed(&mut components.schemas)}},
        }),
    }
}

fn by_status(refusals: impl Iterator<Item = Refused>) -> BTreeMap<u16, Vec<Refused>> {
    let mut sorted: BTreeMap<u16, Vec<Refused>> = BTreeMap::new();
    for refused in refusals {
        let same = sorted.entry(refused.status).or_default();
        if !same.contains(&refused) {
            same.push(refused);
        }
    }
    sorted
}

/// All refusals of one status: the envelope, and which codes come with it here.
fn refusal(status: u16, refused: &[Refused], words: &Words, components: &mut Components) -> Value {
    let mut codes: Vec<&'static str> = refused.iter().filter_map(|refused| refused.code).collect();
    codes.dedup();
    let mut headers = common_headers();
    if status == 429 || status == 503 {
        headers.insert("Retry-After".to_owned(), json!({"$ref": "#/components/headers/Retry-After"}));
    }
    let said = refused.iter().map(|refused| match refused.code {
        Some(code) => match refused.reason {
            Some(reason) => format!("`{code}`, `{reason}`: {}", refused.message),
            None => format!("`{code}`: {}", refused.message),
        },
        None if refused.message.is_empty() => usual(status).to_owned(),
        None => refused.message.clone(),
    });
    let examples = refused.iter().enumerate().map(|(number, refused)| {
        let name = refused.code.map_or_else(|| status.to_string(), str::to_owned);
        let name = if number == 0 { name } else { format!("{name}-{}", number + 1) };
        (name, json!({"value": (words.example)(refused)}))
    });
    json!({
        "description": said.collect::<Vec<_>>().join("\n\n"),
        "headers": headers,
        "content": {words.media_type: {
            "schema": {"allOf": [words.shape.clone().placed(&mut components.schemas), (words.narrowed)(status, &codes)]},
            "examples": Value::Object(examples.collect()),
        }},
    })
}

/// What a status means, where a refusal says nothing more.
const fn usual(status: u16) -> &'static str {
    match status {
        429 => "Too many requests. `Retry-After` says when the next one will pass.",
        500 => "Our fault. The log has the cause, under the request's id.",
        503 => "It cannot be decided now. `Retry-After` says when to try again.",
        _ => "Refused.",
    }
}

/// What opens the route: one of these, or nothing is needed.
fn security(access: Access) -> Value {
    let mut schemes: Vec<&str> = access.credentials.iter().copied().map(scheme).collect();
    schemes.dedup();
    let scopes: Vec<String> = access.scope.iter().map(ToString::to_string).collect();
    schemes.into_iter().map(|scheme| json!({scheme: scopes})).collect()
}

const fn scheme(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::AccountKey | CredentialKind::AgentKey => "api_key",
        CredentialKind::BearerKey => "bearer_key",
        CredentialKind::AccountToken | CredentialKind::AgentToken => "access_token",
        CredentialKind::Session => "session",
        CredentialKind::AdminKey => "admin_key",
    }
}

pub(super) fn security_schemes() -> Value {
    json!({
        "api_key": {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": "An account's or an agent's key. `Api-Key` is read too.",
        },
        "bearer_key": {
            "type": "http",
            "scheme": "bearer",
            "description": "An account's key, as a bearer token.",
        },
        "access_token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A token from a login. `/.well-known/jwks.json` has the keys that verify it.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": SESSION_COOKIE,
            "description": "Who is logged in with a browser. The API takes no notice of it.",
        },
        "admin_key": {
            "type": "http",
            "scheme": "bearer",
            "description": "The key of whoever runs the server.",
        },
    })
}

/// What every answer carries.
const COMMON: &[(&str, &str)] = &[
    ("Request-Id", "The request's id, made by the server. `X-Request-Id` is the same."),
    ("X-RateLimit-Limit", "How many requests pass at once."),
    ("X-RateLimit-Remaining", "How many would pass now."),
    (
        "X-RateLimit-Reset",
        "The second, since 1970 in UTC, at which the next request will pass when limited, else at which the full \
         number is back.",
    ),
];

fn common_headers() -> Map<String, Value> {
    let reference = |name: &str| json!({"$ref": format!("#/components/headers/{name}")});
    COMMON.iter().map(|(name, _)| ((*name).to_owned(), reference(name))).collect()
}

/// The headers that operations refer to.
pub(super) fn headers() -> Value {
    let mut headers = Map::new();
    for (name, text) in COMMON {
        let is_id = *name == "Request-Id";
        let schema = if is_id { json!({"type": "string"}) } else { json!({"type": "integer", "minimum": 0}) };
        headers.insert((*name).to_owned(), json!({"description": text, "required": is_id, "schema": schema}));
    }
    let text = "Seconds after which to try again.";
    let schema = json!({"type": "integer", "minimum": 0});
    headers
        .insert("Retry-After".to_owned(), json!({"description": text, "required": true, "schema": schema}));
    headers.into()
}
