//! One of many things in a body, each of which may be wrong by itself.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::BodyError;
use super::body::what_is_wrong;

/// A member of a list that is read by itself: what is wrong with it, it alone suffers for.
pub(crate) struct Line<T>(pub(crate) Result<T, BodyError>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Line<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        // Security: it may hold a hash, and is wiped as the whole body is.
        let text = Zeroizing::new(String::from(Box::<str>::from(raw)));
        Ok(Self(read(&text)))
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, BodyError> {
    // An array would do for a struct too.
    if !text.starts_with('{') {
        return Err(BodyError::Malformed);
    }
    let mut parser = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut parser).map_err(what_is_wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Wire {
        name: String,
    }

    #[derive(Deserialize)]
    struct Many {
        lines: Vec<Line<Wire>>,
    }

    #[test]
    fn each_line_is_good_or_wrong_by_itself() {
        let text = r#"{"lines": [{"name": "a"}, {"nam": "b"}, {"name": 7}, ["c"], null, {"name": "d", "name": "d"}, {"name": "e", "more": {}}]}"#;
        let mut parser = serde_json::Deserializer::from_str(text);
        let many: Many = serde_path_to_error::deserialize(&mut parser).unwrap();
        let name = || "name".to_owned();
        let read: Vec<_> = many.lines.into_iter().map(|Line(line)| line.map(|wire| wire.name)).collect();
        let expected = [
            Ok("a".to_owned()),
            Err(BodyError::Missing(name())),
            Err(BodyError::WrongType(name())),
            Err(BodyError::Malformed),
            Err(BodyError::Malformed),
            Err(BodyError::Repeated(name())),
            Ok("e".to_owned()),
        ];
        assert_eq!(read, expected);
    }
}
