//! Reading the query of a URL.

use actix_web::web;

/// The parameters of a query, in their order.
pub(crate) struct Query(Vec<(String, String)>);

/// A parameter that is there more than once: whichever one was taken, a filter in front may have read the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is given more than once")]
pub(crate) struct RepeatedParameter;

impl Query {
    /// Reads `a=b&c=d`, percent-encoded. What is not UTF-8 becomes U+FFFD, which no parameter of ours takes for
    /// something else.
    pub(super) fn parse(text: &str) -> Self {
        Self(web::Query::from_query(text).map(web::Query::into_inner).unwrap_or_default())
    }

    /// A parameter's value without surrounding white space, if it is there.
    pub(crate) fn single(&self, name: &str) -> Result<Option<&str>, RepeatedParameter> {
        let mut values = self.0.iter().filter(|(found, _)| found == name).map(|(_, value)| value.trim());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(RepeatedParameter),
            (value, None) => Ok(value),
        }
    }
}
