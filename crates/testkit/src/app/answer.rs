//! An answer, read whole.

use serde_json::Value;

/// An answer, read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers, in the order in which they came; names are lower-case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON. Panics if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// A text member of the JSON body, by JSON pointer.
    pub fn text(&self, pointer: &str) -> String {
        let json = self.json();
        json.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no {pointer} in {json}"))
            .to_owned()
    }

    /// The same, less what it says of limits: who shows nothing takes from another one than who shows what is no good.
    pub fn without_limits(&self) -> Self {
        let mut answer = self.without_request_id();
        answer.headers.retain(|(name, _)| !name.starts_with("x-ratelimit-"));
        answer
    }

    /// All that tells two answers apart, less the request's own id.
    pub fn without_request_id(&self) -> Self {
        let mut answer = self.clone();
        answer.headers.retain(|(name, _)| name != "request-id" && name != "x-request-id");
        answer
    }
}
