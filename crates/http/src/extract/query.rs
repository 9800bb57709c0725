//! Reading the query of a URL.

/// The parameters of a query, in their order. A value that is no text is `None`.
pub(crate) struct Query(Vec<(String, Option<String>)>);

/// Why a parameter cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UnusableParameter {
    /// It is there more than once: whichever one was taken, a filter in front may have read the other.
    #[error("is given more than once")]
    Repeated,
    /// Its bytes are not UTF-8.
    #[error("is not UTF-8")]
    NoText,
}

impl Query {
    /// Reads `a=b&c=d`, percent-encoded. A name that is not UTF-8 is no name of ours.
    pub(super) fn parse(text: &str) -> Self {
        let pairs = text.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Self(pairs.filter_map(|(name, value)| Some((decode(name)?, decode(value)))).collect())
    }

    /// A parameter's value without surrounding white space, if it is there.
    pub(crate) fn single(&self, name: &str) -> Result<Option<&str>, UnusableParameter> {
        let mut values = self.0.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_deref());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(UnusableParameter::Repeated),
            (Some(None), None) => Err(UnusableParameter::NoText),
            (Some(Some(value)), None) => Ok(Some(value.trim())),
            (None, None) => Ok(None),
        }
    }

    /// Whether every value is text.
    pub(super) fn is_text(&self) -> bool {
        self.0.iter().all(|(_, value)| value.is_some())
    }
}

/// What `+` and `%20` stand for (WHATWG URL, "application/x-www-form-urlencoded parsing"). A `%` that no two
/// hexadecimal digits follow stands for itself. The standard's parser puts U+FFFD for what is not UTF-8; taken as a
/// value, that would be text which nobody sent.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, behind @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push((high << 4) | low);
                    rest = behind;
                }
                _ => bytes.push(b'%'),
            },
            (byte, _) => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    let value = char::from(byte).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_decoded_as_forms_are() {
        let query = Query::parse("a=b+c%20%C3%a4&&e=%zz%4&a%62=1=2&x=%EF%BF%BD&=");
        for (name, value) in [("a", "b c ä"), ("e", "%zz%4"), ("ab", "1=2"), ("x", "\u{fffd}")] {
            assert_eq!(query.single(name), Ok(Some(value)), "{name}");
        }
        assert_eq!(query.single("b"), Ok(None));
        assert!(query.is_text());
    }

    #[test]
    fn a_parameter_that_is_no_text_or_there_twice_is_not_guessed() {
        let query = Query::parse("a=%ff&b=%C3&c=1&c=%ff&%ff=1");
        for name in ["a", "b"] {
            assert_eq!(query.single(name), Err(UnusableParameter::NoText), "{name}");
        }
        assert_eq!(query.single("c"), Err(UnusableParameter::Repeated));
        assert_eq!(query.single("\u{fffd}"), Ok(None));
        assert!(!query.is_text());
    }
}
