//! The links in mails.

use crate::secret::Secret;
use crate::single_use::{IssuedSingleUseToken, SingleUsePurpose};

/// Makes links, all below one address.
///
/// Security: that address is the configured one. No request has a say in it, least of all by its `Host`.
#[derive(Debug, Clone)]
pub struct MailLinks {
    base: String,
}

impl MailLinks {
    /// Links below the address by which clients call the server.
    pub fn below(public_url: &str) -> Self {
        Self { base: public_url.trim_end_matches('/').to_owned() }
    }

    /// The link that shows this token. Its alphabet needs no escaping in a query (RFC 3986, section 2.3).
    pub fn to(&self, purpose: SingleUsePurpose, token: &IssuedSingleUseToken) -> Secret<String> {
        let page = match purpose {
            SingleUsePurpose::VerifyAddress => "verify-email",
            SingleUsePurpose::ResetPassword => "reset-password",
        };
        Secret::new(format!("{}/{page}?token={}", self.base, token.expose()))
    }
}
