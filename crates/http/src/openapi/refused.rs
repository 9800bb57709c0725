//! How a surface refuses: its envelope, and what all of its routes may answer.

use serde_json::{Value, json};

use super::Shape;
use crate::problem::Problem;

/// One refusal, as a caller meets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    /// What clients branch on, where the surface has codes.
    pub(crate) code: Option<&'static str>,
    /// What clients branch on besides, where the surface has reasons.
    pub(crate) reason: Option<&'static str>,
    /// What it says, or an example of that.
    pub(crate) message: String,
}

impl Refused {
    /// A refusal with a code.
    pub(crate) fn new(status: u16, code: &'static str, message: &str) -> Self {
        Self { status, code: Some(code), reason: None, message: message.to_owned() }
    }

    /// A problem (RFC 9457), which has no code.
    pub(crate) fn problem(status: u16, detail: &str) -> Self {
        Self { status, code: None, reason: None, message: detail.to_owned() }
    }
}

/// A surface's words for refusing.
pub(crate) struct Words {
    pub(crate) media_type: &'static str,
    /// The envelope.
    pub(crate) shape: Shape,
    /// What the envelope holds at this status, where only these codes come with it.
    pub(crate) narrowed: fn(status: u16, codes: &[&'static str]) -> Value,
    /// The envelope of one refusal.
    pub(crate) example: fn(&Refused) -> Value,
    /// What any route may answer.
    pub(crate) always: Vec<Refused>,
    /// What a route that takes a body may answer.
    pub(crate) with_body: Vec<Refused>,
    /// What a route that needs a credential may answer.
    pub(crate) with_credential: Vec<Refused>,
}

/// The words of the surfaces that are ours alone: problem details. `unauthorized` is what they say of credentials.
pub(crate) fn problems(unauthorized: Refused) -> Words {
    Words {
        media_type: "application/problem+json",
        shape: Shape::of::<Problem<'_>>(),
        narrowed: |status, _| json!({"properties": {"status": {"const": status}}}),
        example: |refused| Problem::example(refused.status, &refused.message),
        always: [429, 500, 503].map(|status| Refused::problem(status, "")).into(),
        with_body: vec![
            Refused::problem(413, "the body is larger than 64 KiB"),
            Refused::problem(422, "the body is not a valid JSON object"),
        ],
        with_credential: vec![unauthorized],
    }
}
