//! An e-mail address: as it was typed, and the one form under which it is looked up.

use std::fmt;

use email_address::Options;
use unicode_normalization::UnicodeNormalization;

use crate::text::deceives;

/// An e-mail address (RFC 5321, RFC 6531). Two addresses are equal when their canonical forms are.
#[derive(Clone)]
pub struct EmailAddress {
    typed: String,
    canonical: String,
}

/// The text is no e-mail address that mail could be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an e-mail address")]
pub struct InvalidEmail;

impl EmailAddress {
    /// RFC 5321, section 4.5.3.1.3, less the two angle brackets.
    const MAX_BYTES: usize = 254;

    /// Reads an address as a person typed it.
    ///
    /// The canonical form has its local part in NFC with ASCII letters lowered, and its domain as IDNA
    /// (UTS #46) A-labels. Dots and `+tags` are kept: they are part of the name.
    ///
    /// Security: what is validated is the canonical form, since normalising can make separators that
    /// were not there before.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let typed = text.trim();
        if typed.len() > 4 * Self::MAX_BYTES || typed.contains(|c: char| c.is_control() || deceives(c)) {
            return Err(InvalidEmail);
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(InvalidEmail)?;
        let local = local.nfc().collect::<String>().to_ascii_lowercase();
        let domain = idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::URL)
            .map_err(|_| InvalidEmail)?;
        let canonical = format!("{local}@{domain}");
        Self::validate(&canonical)?;
        Ok(Self { typed: typed.to_owned(), canonical })
    }

    /// Takes the two forms as a store kept them.
    pub const fn from_stored(typed: String, canonical: String) -> Self {
        Self { typed, canonical }
    }

    /// The address as it was typed, for display and for sending mail.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// The form under which it is unique.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The domain in its canonical form: A-labels in lower case, without a dot at its end.
    pub fn domain(&self) -> &str {
        self.canonical.rsplit_once('@').map_or("", |(_, domain)| domain) // There is one: it was validated.
    }

    fn validate(canonical: &str) -> Result<(), InvalidEmail> {
        let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
        let one_separator = canonical.matches('@').count() == 1;
        let quoted = canonical.contains(['"', '\\', '(', ')']);
        let fits = canonical.len() <= Self::MAX_BYTES;
        let parses = email_address::EmailAddress::parse_with_options(canonical, options).is_ok();
        if one_separator && !quoted && fits && parses { Ok(()) } else { Err(InvalidEmail) }
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for EmailAddress {}

impl fmt::Debug for EmailAddress {
    /// Prints nothing of the address: it is personal data and must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_g4_variants_of_one_address_are_one_address() {
        let expected = "alpha@xn--bcher-kva.example";
        for typed in [
            "alpha@bücher.example",
            "ALPHA@BÜCHER.example",
            " alpha@xn--bcher-kva.example\n",
            "Alpha@bu\u{308}cher.EXAMPLE",
        ] {
            assert_eq!(EmailAddress::parse(typed).unwrap().canonical(), expected, "{typed}");
        }
        let composed = EmailAddress::parse("é@example.com").unwrap();
        assert_eq!(composed, EmailAddress::parse("e\u{301}@example.com").unwrap());
    }

    #[test]
    fn threat_g4_text_that_only_looks_like_an_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        let refused = [
            "",
            "@",
            "a@",
            "@b.example",
            "plain",
            "a@b",
            "a@b@c.example",
            "a@b\u{ff20}c.example",
            "a\u{ff20}b.example",
            "a@[127.0.0.1]",
            "\"a@b\"@c.example",
            "Alpha <a@b.example>",
            "a@b.example\r\nBcc: c@d.example",
            "a b@c.example",
            "a@b..example",
            "a@-b.example",
            "a@b.example.",
            "a@b.example\u{0}",
            &long,
        ];
        for text in refused {
            assert_eq!(EmailAddress::parse(text), Err(InvalidEmail), "{text:?}");
        }
    }

    #[test]
    fn a_domain_is_canonical_whatever_was_typed() {
        for (typed, domain) in [
            ("alpha@Mail.EXAMPLE.com", "mail.example.com"),
            ("alpha@BÜCHER.example ", "xn--bcher-kva.example"),
            ("alpha@ｅｘａｍｐｌｅ.com", "example.com"),
            ("alpha@example。com", "example.com"),
        ] {
            assert_eq!(EmailAddress::parse(typed).unwrap().domain(), domain, "{typed}");
        }
    }

    #[test]
    fn dots_and_tags_make_another_address() {
        let plain = EmailAddress::parse("alpha@example.com").unwrap();
        assert_ne!(plain, EmailAddress::parse("alpha+tag@example.com").unwrap());
        assert_ne!(plain, EmailAddress::parse("al.pha@example.com").unwrap());
    }

    #[test]
    fn threat_k1_an_address_does_not_print() {
        assert_eq!(format!("{:?}", EmailAddress::parse("alpha@example.com").unwrap()), "EmailAddress(…)");
    }

    proptest::proptest! {
        #[test]
        fn threat_g4_the_canonical_form_is_canonical(local in "\\PC{1,12}", domain in "\\PC{1,12}", tld in "[a-zA-Z]{2,4}") {
            if let Ok(address) = EmailAddress::parse(&format!("{local}@{domain}.{tld}")) {
                let again = EmailAddress::parse(address.canonical()).map(|again| again.canonical().to_owned());
                proptest::prop_assert_eq!(again.as_deref(), Ok(address.canonical()));
                proptest::prop_assert_eq!(address.canonical().matches('@').count(), 1);
            }
        }
    }
}
