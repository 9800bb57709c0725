//! Reading a JSON body: bounded in bytes, in depth and in time, before anything looks at it.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A body as it arrived. Extracting it never fails, so that each dialect says in its own words what is wrong.
pub(crate) struct Body(Result<BytesMut, BodyError>);

/// Why a body cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// It has more than [`Body::MAX_BYTES`].
    #[error("the body is larger than 64 KiB")]
    TooLarge,
    /// It did not arrive in time, or not whole.
    #[error("the body did not arrive")]
    Incomplete,
    /// It does not say that it is JSON.
    #[error("the body must be sent as application/json")]
    NotJson,
    /// It is not a JSON object, or nested too deeply.
    #[error("the body is not a valid JSON object")]
    Malformed,
    /// A member that is needed is not there.
    #[error("{0} is required")]
    Missing(String),
    /// A member has the wrong type.
    #[error("{0} has the wrong type")]
    WrongType(String),
}

impl Body {
    /// The largest body that is read.
    pub(crate) const MAX_BYTES: usize = 64 * 1024;
    /// What is taken in and dropped beyond that, so that a client that is still sending reads the answer.
    const DRAINED_BYTES: usize = 2 * 1024 * 1024;
    /// The deepest nesting of objects and arrays.
    const MAX_DEPTH: usize = 32;
    /// How long a body may take to arrive.
    const DEADLINE: Duration = Duration::from_secs(10);

    /// The body as `T`. Members that `T` does not have are ignored.
    ///
    /// Security: what is wrong is said by the member's name alone. The parser's own words would repeat its value,
    /// which may be a secret, and name our types.
    pub(crate) fn json<T: DeserializeOwned>(self) -> Result<T, BodyError> {
        let bytes = self.0?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| BodyError::Malformed)?;
        if !value.is_object() || depth(&value) > Self::MAX_DEPTH {
            return Err(BodyError::Malformed);
        }
        serde_path_to_error::deserialize(value).map_err(|error| {
            let path = error.path().to_string();
            match missing_member(&error.into_inner().to_string()) {
                Some(name) if path == "." => BodyError::Missing(name.to_owned()),
                Some(name) => BodyError::Missing(format!("{path}.{name}")),
                None => BodyError::WrongType(path),
            }
        })
    }

    async fn read(request: HttpRequest, mut payload: Payload) -> Result<BytesMut, BodyError> {
        let mut bytes = BytesMut::new();
        let mut total = 0;
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| BodyError::Incomplete)?;
            total += chunk.len();
            if total <= Self::MAX_BYTES {
                bytes.extend_from_slice(&chunk);
            } else if total > Self::DRAINED_BYTES {
                break;
            }
        }
        if total > Self::MAX_BYTES {
            return Err(BodyError::TooLarge);
        }
        if is_json(&request) { Ok(bytes) } else { Err(BodyError::NotJson) }
    }
}

impl FromRequest for Body {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let reading = Self::read(request.clone(), payload.take());
        Box::pin(async move {
            let read = tokio::time::timeout(Self::DEADLINE, reading).await;
            Ok(Self(read.unwrap_or(Err(BodyError::Incomplete))))
        })
    }
}

/// The member that serde misses, from the one sentence in which it says so.
fn missing_member(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.split('`').next()
}

/// Whether the request says that its body is JSON. Security: a form in a browser cannot say so without asking
/// first (a CORS preflight), so no foreign page can post here.
fn is_json(request: &HttpRequest) -> bool {
    let stated =
        request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = stated.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// How deeply objects and arrays are nested. The parser has bounded the recursion at 128.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Value, BodyError> {
        Body(Ok(BytesMut::from(text))).json()
    }

    #[test]
    fn threat_d3_json_is_nested_at_most_32_deep() {
        let nested = |depth: usize| format!("{{\"x\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(parse(&nested(32)).is_ok());
        for depth in [33, 127, 128, 129, 30_000] {
            assert_eq!(parse(&nested(depth)), Err(BodyError::Malformed), "{depth}");
        }
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Wire {
        name: String,
    }

    #[test]
    fn what_is_wrong_with_a_member_is_said_by_its_name() {
        let parse = |text: &str| Body(Ok(BytesMut::from(text))).json::<Wire>();
        assert_eq!(parse(r#"{"name":"a","more":1}"#), Ok(Wire { name: "a".to_owned() }));
        assert_eq!(parse(r#"{"name":1}"#), Err(BodyError::WrongType("name".to_owned())));
        assert_eq!(parse(r#"{"nam":1}"#), Err(BodyError::Missing("name".to_owned())));
    }

    #[test]
    fn only_an_object_is_a_body() {
        for text in [r#"["a"]"#, "null", "7", r#""a""#] {
            assert_eq!(Body(Ok(BytesMut::from(text))).json::<Wire>(), Err(BodyError::Malformed), "{text}");
        }
    }
}
