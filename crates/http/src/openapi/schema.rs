//! The schema of a wire type, and small ones by hand.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

/// A schema where it is used, and the schemas by name that it is made of.
#[derive(Clone)]
pub(crate) struct Shape {
    here: Value,
    parts: Vec<(String, Value)>,
}

impl Shape {
    /// The schema of this type, by its name.
    pub(crate) fn of<T: ToSchema>() -> Self {
        let name = T::name().into_owned();
        let here = json!({"$ref": format!("#/components/schemas/{name}")});
        let mut parts = Self::unnamed::<T>().parts;
        parts.push((name, value(&T::schema())));
        Self { here, parts }
    }

    /// The schema of this type where it is used: one with type parameters has no name of its own.
    pub(crate) fn unnamed<T: ToSchema>() -> Self {
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        let parts = parts.into_iter().map(|(name, schema)| (name, value(&schema))).collect();
        Self { here: value(&T::schema()), parts }
    }

    /// The same; it is made of this type too, for which it has a type parameter.
    pub(crate) fn made_of<T: ToSchema>(mut self) -> Self {
        self.parts.extend(Self::of::<T>().parts);
        self
    }

    /// A schema by hand.
    pub(crate) const fn by_hand(schema: Value) -> Self {
        Self { here: schema, parts: Vec::new() }
    }

    /// Text that is no JSON.
    pub(crate) fn text() -> Self {
        Self::by_hand(json!({"type": "string"}))
    }

    /// What stands in the place of the schema; what it is made of goes into `components`.
    pub(super) fn placed(self, components: &mut BTreeMap<String, Value>) -> Value {
        for (name, part) in self.parts {
            let other = components.insert(name.clone(), part.clone());
            debug_assert!(other.is_none_or(|other| other == part), "two schemas are called {name}");
        }
        self.here
    }
}

/// One of these texts, and no other: for `#[schema(schema_with = …)]`.
pub(crate) fn one_of(texts: impl IntoIterator<Item = &'static str>) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(texts)).build().into()
}

/// A schema is plain data, which always serializes.
fn value(schema: &RefOr<Schema>) -> Value {
    serde_json::to_value(schema).unwrap_or_default()
}
