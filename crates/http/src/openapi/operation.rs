//! What a route says of itself. It stands beside the route's path, so that no route can be mounted without it.

use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Refused, Shape};

/// A route's description. A function, since routes are put together more often than anybody reads about them.
pub(crate) type Described = fn() -> Operation;

/// What a route reads and answers. What all routes of a surface have in common is not said here: see
/// [`Words`](super::Words). Nor is who may call it: that is its `Access`.
pub(crate) struct Operation {
    /// Unique within its surface; client generators name functions by it.
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) text: &'static str,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<RequestBody>,
    pub(super) answers: Vec<Answer>,
    pub(super) refusals: Vec<Refused>,
}

pub(super) struct Parameter {
    pub(super) place: &'static str,
    pub(super) name: &'static str,
    pub(super) text: &'static str,
    pub(super) schema: Value,
}

pub(super) enum RequestBody {
    /// JSON of this shape.
    Read { shape: Shape, required: bool },
    /// A form with these fields, each with what it is for. The page has it ready.
    Form(&'static [(&'static str, &'static str)]),
    /// Whatever it says, it says nothing; too large or cut off, it is refused all the same.
    Ignored,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) text: &'static str,
    pub(super) content: Option<(&'static str, Shape)>,
    pub(super) headers: Vec<(&'static str, &'static str)>,
}

impl Operation {
    /// A route, by a name for programs and a line for people.
    pub(crate) const fn new(id: &'static str, summary: &'static str) -> Self {
        Self {
            id,
            summary,
            text: "",
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// More about it, for people.
    pub(crate) const fn text(mut self, text: &'static str) -> Self {
        self.text = text;
        self
    }

    /// A parameter of the query. None is required.
    pub(crate) fn query(self, name: &'static str, text: &'static str, schema: Value) -> Self {
        self.parameter("query", name, text, schema)
    }

    /// A parameter of its path, where it is no plain id.
    pub(crate) fn path(self, name: &'static str, text: &'static str, schema: Value) -> Self {
        self.parameter("path", name, text, schema)
    }

    /// A header that it reads, besides credentials. None is required.
    pub(crate) fn header(self, name: &'static str, text: &'static str, schema: Value) -> Self {
        self.parameter("header", name, text, schema)
    }

    /// Its client may send it again with the same idempotency key, and gets the same answer.
    pub(crate) fn repeatable(self) -> Self {
        let text = "Any text that names this request. For 24 hours the same request with the same key has no further \
                    effect and is given the same answer, secrets included. `X-Idempotency-Key` is read too.";
        self.header(
            "Idempotency-Key",
            text,
            json!({"type": "string", "maxLength": 255, "pattern": "^[!-~]*$"}),
        )
    }

    fn parameter(
        mut self,
        place: &'static str,
        name: &'static str,
        text: &'static str,
        schema: Value,
    ) -> Self {
        self.parameters.push(Parameter { place, name, text, schema });
        self
    }

    /// The JSON that it needs.
    pub(crate) fn body<T: ToSchema>(mut self) -> Self {
        self.body = Some(RequestBody::Read { shape: Shape::of::<T>(), required: true });
        self
    }

    /// The JSON that it reads, if there is any.
    pub(crate) fn optional_body<T: ToSchema>(mut self) -> Self {
        self.body = Some(RequestBody::Read { shape: Shape::of::<T>(), required: false });
        self
    }

    /// The form that it reads, which one of our pages has ready.
    pub(crate) fn form(mut self, fields: &'static [(&'static str, &'static str)]) -> Self {
        self.body = Some(RequestBody::Form(fields));
        self
    }

    /// It takes a body and does not look at it.
    pub(crate) fn body_ignored(mut self) -> Self {
        self.body = Some(RequestBody::Ignored);
        self
    }

    /// It answers with JSON, if all is well.
    pub(crate) fn answer<T: ToSchema>(self, status: u16, text: &'static str) -> Self {
        self.content(status, text, "application/json", Shape::of::<T>())
    }

    /// It answers with something else, or with JSON that no type of ours makes.
    pub(crate) fn content(
        mut self,
        status: u16,
        text: &'static str,
        media_type: &'static str,
        shape: Shape,
    ) -> Self {
        let content = Some((media_type, shape));
        self.answers.push(Answer { status, text, content, headers: Vec::new() });
        self
    }

    /// It answers without a body.
    pub(crate) fn empty(mut self, status: u16, text: &'static str) -> Self {
        self.answers.push(Answer { status, text, content: None, headers: Vec::new() });
        self
    }

    /// A header of the answer that was named last. Such headers may be absent.
    pub(crate) fn answer_header(mut self, name: &'static str, text: &'static str) -> Self {
        if let Some(answer) = self.answers.last_mut() {
            answer.headers.push((name, text));
        }
        self
    }

    /// It refuses so, besides what all routes of its surface do.
    pub(crate) fn refuses<R: Into<Refused>>(mut self, refusals: impl IntoIterator<Item = R>) -> Self {
        self.refusals.extend(refusals.into_iter().map(Into::into));
        self
    }
}
