//! The whole document: what is mounted, for whoever reads.

use serde_json::{Map, Value, json};

use super::Words;
use super::render::{self, Components, Place};
use crate::OURS;
use crate::dialects::{DIALECTS, DialectName};
use crate::routes::Routes;
use crate::state::State;

const TEXT: &str = "\
An identity server for AI agents. Each dialect speaks the interface that its vendor published, over one set of accounts, \
keys and tokens. Routes stand here at their dialect's base path, where a dialect is complete; they answer at the root \
too.

Clients ignore members that they do not know, and branch on `code`, never on `message`. A secret is in exactly one \
answer: the one to the request that made it.";

/// A part of the server that refuses in its own words.
struct Part {
    name: &'static str,
    about: &'static str,
    base_path: &'static str,
    routes: fn() -> Routes,
    words: fn() -> Words,
}

/// The document of a running server: the surfaces that it has, at its public address.
pub(crate) fn spoken(state: &State) -> Value {
    document(&state.public_url, |name| state.dialects.enabled.contains_key(&name))
}

/// The document for a server at this address that speaks these dialects.
pub fn document(public_url: &str, is_spoken: impl Fn(DialectName) -> bool) -> Value {
    let ours = OURS.iter().map(|surface| Part {
        name: surface.name,
        about: surface.about,
        base_path: "",
        routes: surface.routes,
        words: surface.words,
    });
    let dialects = DIALECTS.iter().filter(|dialect| is_spoken(dialect.name)).map(|dialect| Part {
        name: dialect.name.as_str(),
        about: dialect.about,
        base_path: dialect.base_path,
        routes: dialect.routes,
        words: dialect.words,
    });
    let (mut paths, mut tags, mut components) = (Map::new(), Vec::new(), Components::default());
    for part in ours.chain(dialects) {
        tags.push(json!({"name": part.name, "description": part.about}));
        for listed in (part.routes)().listed {
            let path = format!("{}{}", part.base_path, listed.path);
            let place = Place { surface: part.name, path: &path, access: listed.access };
            let operation = render::operation(&place, (listed.described)(), &(part.words)(), &mut components);
            let methods = paths.entry(path.clone()).or_insert_with(|| json!({}));
            if let Some(methods) = methods.as_object_mut() {
                methods.insert(method(listed.methods), operation);
            }
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Keyward",
            "version": env!("CARGO_PKG_VERSION"),
            "description": TEXT,
            "license": {"name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT"},
        },
        "servers": [{"url": public_url}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": components.schemas,
            "responses": components.responses,
            "headers": render::headers(),
            "securitySchemes": render::security_schemes(),
        },
    })
}

/// The method that stands for a route's: `HEAD` comes with `GET`, and a route for any method is shown by `GET`.
fn method(methods: &[&'static str]) -> String {
    match methods.first() {
        Some(&"ANY") | None => "get".to_owned(),
        Some(method) => method.to_lowercase(),
    }
}
