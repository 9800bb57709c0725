//! Reading a JSON body: bounded in bytes, in depth and in time, before anything looks at it.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use zeroize::Zeroizing;

use crate::middleware::Unread;

/// A body as it arrived. Extracting it never fails, so that each dialect says in its own words what is wrong.
/// It may hold secrets, and is wiped.
pub(crate) struct Body {
    read: Result<Bytes, BodyError>,
    /// There was none.
    is_empty: bool,
}

type Bytes = Zeroizing<Vec<u8>>;

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
    /// A member that is known is there more than once: whichever one was taken, a filter in front may have
    /// read the other.
    #[error("{0} is given more than once")]
    Repeated(String),
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
        let bytes = self.read?;
        let text = str::from_utf8(&bytes).map_err(|_| BodyError::Malformed)?;
        // An array would do for a struct too.
        let is_object = text.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('{');
        if !is_object || !is_shallow(text) {
            return Err(BodyError::Malformed);
        }
        let mut parser = serde_json::Deserializer::from_str(text);
        let parsed = serde_path_to_error::deserialize(&mut parser).map_err(what_is_wrong)?;
        parser.end().map_err(|_| BodyError::Malformed)?;
        Ok(parsed)
    }

    /// The same, where a body is not needed.
    pub(crate) fn json_or_default<T: DeserializeOwned + Default>(self) -> Result<T, BodyError> {
        if self.is_empty { Ok(T::default()) } else { self.json() }
    }

    /// The bytes as they arrived; none if they did not arrive whole.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.read.as_ref().map_or(&[], |bytes| bytes.as_slice())
    }

    /// For where no body is read: whatever one that arrived whole says, it says nothing.
    pub(crate) fn ignored(self) -> Result<(), BodyError> {
        match self.read {
            Err(why @ (BodyError::TooLarge | BodyError::Incomplete)) => Err(why),
            Ok(_)
            | Err(
                BodyError::NotJson
                | BodyError::Malformed
                | BodyError::Missing(_)
                | BodyError::Repeated(_)
                | BodyError::WrongType(_),
            ) => Ok(()),
        }
    }

    const fn unusable(why: BodyError) -> Self {
        Self { read: Err(why), is_empty: false }
    }

    /// The bytes, whatever they are said to be.
    pub(super) fn into_bytes(self) -> Result<Bytes, BodyError> {
        self.read
    }

    /// The body of this request once it has arrived. Its media type is looked at by whoever reads it.
    pub(super) fn arriving(request: &HttpRequest, payload: &mut Payload) -> LocalBoxFuture<'static, Self> {
        let set_aside = request.extensions_mut().remove().map(Unread::into_payload);
        let (request, mut payload) = (request.clone(), set_aside.unwrap_or_else(|| payload.take()));
        Box::pin(async move {
            let reading = Self::read(&request, &mut payload);
            let read = tokio::time::timeout(Self::DEADLINE, reading)
                .await
                .unwrap_or(Self::unusable(BodyError::Incomplete));
            if matches!(read.read, Err(BodyError::TooLarge | BodyError::Incomplete)) {
                request.extensions_mut().insert(Unread::of(payload));
            }
            read
        })
    }

    /// The same, if it has this media type.
    fn of_json(self, request: &HttpRequest) -> Self {
        match self.read {
            Ok(_) if !says(request, "application/json") => Self { read: Err(BodyError::NotJson), ..self },
            Ok(_) | Err(_) => self,
        }
    }

    async fn read(request: &HttpRequest, payload: &mut Payload) -> Self {
        let mut bytes = Zeroizing::new(Vec::new());
        let mut total = 0;
        while let Some(chunk) = payload.next().await {
            let Ok(chunk) = chunk else {
                return Self::unusable(BodyError::Incomplete);
            };
            if total == 0 {
                // Security: room for all of it at once, so that growing leaves no copy behind that is not wiped. Not
                // before it comes: to wipe it takes longer than many an answer, and there may be no body at all.
                bytes.reserve_exact(announced(request).min(Self::MAX_BYTES));
            }
            total += chunk.len();
            if total <= Self::MAX_BYTES {
                bytes.extend_from_slice(&chunk);
            } else if total > Self::DRAINED_BYTES {
                break;
            }
        }
        if total > Self::MAX_BYTES {
            return Self::unusable(BodyError::TooLarge);
        }
        Self { read: Ok(bytes), is_empty: total == 0 }
    }
}

impl FromRequest for Body {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (arriving, request) = (Self::arriving(request, payload), request.clone());
        Box::pin(async move { Ok(arriving.await.of_json(&request)) })
    }
}

/// How long the body will be, if the client says so.
fn announced(request: &HttpRequest) -> usize {
    let stated = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    stated.and_then(|text| text.parse().ok()).unwrap_or(usize::MAX)
}

/// Whether objects and arrays are nested at most [`Body::MAX_DEPTH`] deep. Outside of text nothing but brackets
/// nests; whether they match, the parser says.
fn is_shallow(json: &str) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => depth += 1,
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > Body::MAX_DEPTH {
            return false;
        }
    }
    true
}

pub(super) fn what_is_wrong(error: serde_path_to_error::Error<serde_json::Error>) -> BodyError {
    if error.inner().classify() != Category::Data {
        return BodyError::Malformed;
    }
    let path = error.path().to_string();
    let said = error.into_inner().to_string();
    let member = |name: &str| if path == "." { name.to_owned() } else { format!("{path}.{name}") };
    if let Some(name) = quoted(&said, "missing field `") {
        BodyError::Missing(member(name))
    } else if let Some(name) = quoted(&said, "duplicate field `") {
        BodyError::Repeated(member(name))
    } else {
        BodyError::WrongType(path)
    }
}

/// The member that serde names, from the one sentence in which it does.
fn quoted<'a>(message: &'a str, start: &str) -> Option<&'a str> {
    message.strip_prefix(start)?.split('`').next()
}

/// Whether the request says that its body has this media type. Security: a form in a browser cannot say that it is JSON
/// without asking first (a CORS preflight), so no foreign page can post where JSON is read.
pub(super) fn says(request: &HttpRequest, media_type: &str) -> bool {
    let stated =
        request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = stated.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(media_type)
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;
    use actix_web::test::TestRequest;
    use serde_json::Value;

    use super::*;

    fn body(text: &[u8]) -> Body {
        Body { read: Ok(Zeroizing::new(text.to_vec())), is_empty: text.is_empty() }
    }

    fn parse(text: &str) -> Result<Value, BodyError> {
        body(text.as_bytes()).json()
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Wire {
        name: String,
    }

    #[actix_web::test]
    async fn room_is_made_for_a_body_that_comes_and_once() {
        let room = async |request: TestRequest| {
            let (request, mut payload) = request.method(Method::POST).to_http_parts();
            Body::arriving(&request, &mut payload).await.read.unwrap().capacity()
        };
        assert_eq!(room(TestRequest::default()).await, 0, "there is no body");
        let comes = |length: &str| {
            let request = TestRequest::default().set_payload("{}");
            room(request.insert_header((CONTENT_LENGTH, length.to_owned())))
        };
        assert_eq!(comes("2").await, 2);
        assert_eq!(comes("18446744073709551615").await, Body::MAX_BYTES);
        assert_eq!(comes("").await, Body::MAX_BYTES, "nobody says how much there is of it");
    }

    #[test]
    fn threat_d3_json_is_nested_at_most_32_deep() {
        let nested = |depth: usize| format!("{{\"x\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(parse(&nested(32)).is_ok());
        for depth in [33, 127, 128, 129, 30_000] {
            assert_eq!(parse(&nested(depth)), Err(BodyError::Malformed), "{depth}");
        }
    }

    #[test]
    fn threat_d3_brackets_in_text_do_not_nest_and_text_hides_no_nesting() {
        let brackets = "[".repeat(40);
        for text in [
            format!(r#"{{"x":"{brackets}"}}"#),
            format!(r#"{{"x":"\"{brackets}"}}"#),
            format!(r#"{{"{brackets}":1}}"#),
            format!(r#"{{"x":[{}]}}"#, ["[]"; 40].join(",")),
        ] {
            assert!(parse(&text).is_ok(), "{text}");
        }
        let closed = "]".repeat(40);
        for text in [
            format!(r#"{{"x":"\\","y":{brackets}{closed}}}"#),
            format!(r#"{{"x":"]]]]]]]]]]]]","y":{brackets}{closed}}}"#),
        ] {
            assert_eq!(parse(&text), Err(BodyError::Malformed), "{text}");
        }
    }

    #[test]
    fn a_body_that_is_ignored_must_still_arrive_whole_and_be_small_enough() {
        for why in [BodyError::TooLarge, BodyError::Incomplete] {
            assert_eq!(Body::unusable(why.clone()).ignored(), Err(why));
        }
        assert_eq!(Body::unusable(BodyError::NotJson).ignored(), Ok(()));
        assert_eq!(body(b"\xff{").ignored(), Ok(()));
    }

    #[test]
    fn what_is_wrong_with_a_member_is_said_by_its_name() {
        let parse = |text: &str| body(text.as_bytes()).json::<Wire>();
        let name = || "name".to_owned();
        assert_eq!(parse(" \n{\"name\":\"a\",\"more\":1,\"more\":2}"), Ok(Wire { name: "a".to_owned() }));
        assert_eq!(parse(r#"{"name":1}"#), Err(BodyError::WrongType(name())));
        assert_eq!(parse(r#"{"nam":1}"#), Err(BodyError::Missing(name())));
        assert_eq!(parse(r#"{"name":"a","name":"a"}"#), Err(BodyError::Repeated(name())));
        assert_eq!(parse(r#"{"name":"a","n\u0061me":"b"}"#), Err(BodyError::Repeated(name())));
    }

    #[test]
    fn only_a_whole_object_is_a_body() {
        let bodies: [&[u8]; 12] = [
            br#"["a"]"#,
            b"null",
            b"7",
            br#""a""#,
            b"",
            br#"{"name":"a"}{}"#,
            br#"{"name":"a"} x"#,
            br#"{"name":"a""#,
            br#"{"name":"a",}"#,
            br#"{"name":"\ud800"}"#,
            b"{\"name\":\"a\",\"x\":\"\xff\"}",
            b"\xef\xbb\xbf{\"name\":\"a\"}",
        ];
        for text in bodies {
            let read = body(text).json::<Wire>();
            assert_eq!(read, Err(BodyError::Malformed), "{}", String::from_utf8_lossy(text));
        }
    }
}
