//! Addresses as headers and commands may hold them.
//!
//! Security: an address comes out of a database, and a database may have been written to. It is read again here, by
//! a grammar that is narrower than the standard's: no quotes, no comments, no white space, no controls.

use std::str::FromStr;

use keyward_domain::accounts::EmailAddress;
use lettre::Address;
use lettre::message::Mailbox;

/// The text is no mailbox that mail could come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no mailbox such as Keyward <no-reply@example.com>")]
pub struct InvalidSender;

/// Who mail comes from: an address, perhaps with a name before it.
#[derive(Debug, Clone)]
pub struct Sender(Mailbox);

impl Sender {
    pub(crate) fn mailbox(&self) -> Mailbox {
        self.0.clone()
    }

    pub(crate) fn address(&self) -> Address {
        self.0.email.clone()
    }
}

impl FromStr for Sender {
    type Err = InvalidSender;

    /// Reads `ADDRESS` or `NAME <ADDRESS>`. The address is ASCII before its `@`, so that every mail server takes it.
    fn from_str(text: &str) -> Result<Self, InvalidSender> {
        let text = text.trim();
        let (name, address) = match text.strip_suffix('>') {
            Some(named) => named.split_once('<').ok_or(InvalidSender)?,
            None => ("", text),
        };
        let name = name.trim();
        let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
        let is_plain = |c: char| !c.is_control() && !matches!(c, '"' | '\\' | '<' | '>');
        let (local, domain) = address.rsplit_once('@').ok_or(InvalidSender)?;
        if !name.chars().all(is_plain) || !local.is_ascii() {
            return Err(InvalidSender);
        }
        let address = read(local, domain).ok_or(InvalidSender)?;
        Ok(Self(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), address)))
    }
}

/// The address that mail for this account goes to: as it was typed before the `@`, and with A-labels behind it.
pub(crate) fn recipient(email: &EmailAddress) -> Option<Address> {
    let (canonical, domain) = email.canonical().rsplit_once('@')?;
    let (typed, _) = email.as_typed().rsplit_once('@')?;
    // The letters' case may matter to the receiving server. Beyond ASCII the canonical form is the safer one: NFC
    // (RFC 6532, section 3.1).
    let same = typed.is_ascii() && typed.eq_ignore_ascii_case(canonical);
    read(if same { typed } else { canonical }, domain)
}

fn read(local: &str, domain: &str) -> Option<Address> {
    let is_atom = |c: char| match c {
        // RFC 5322, section 3.2.3: atext. The dots' places are checked below.
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' => true,
        c if c.is_ascii() => "!#$%&'*+-/=?^_`{|}~".contains(c),
        // RFC 6531, section 3.3.
        c => !c.is_control() && !c.is_whitespace(),
    };
    let domain = idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::URL).ok()?;
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let fits = local.len() <= 64 && domain.len() <= 253;
    // Security: atoms could spell an encoded word. None may stand here (RFC 2047, section 5), and yet some programs
    // decode it.
    let is_encoded = local.contains("=?");
    if fits && !is_encoded && local.chars().all(is_atom) && domain.chars().all(is_host) {
        Address::new(local, domain).ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_an_address_perhaps_with_a_name() {
        for (text, name, address) in [
            ("no-reply@example.com", None, "no-reply@example.com"),
            ("Keyward <no-reply@localhost>", Some("Keyward"), "no-reply@localhost"),
            ("\"Keyward, Inc.\" <id@bücher.example>", Some("Keyward, Inc."), "id@xn--bcher-kva.example"),
            ("Schlüssel <id@example.com>", Some("Schlüssel"), "id@example.com"),
        ] {
            let Sender(mailbox) = text.parse().unwrap();
            assert_eq!((mailbox.name.as_deref(), mailbox.email.as_ref()), (name, address), "{text}");
        }
        for text in [
            "",
            "Keyward",
            "Keyward <>",
            "Keyward <a@b.example",
            "a@b.example>",
            "a@b.example, c@d.example",
            "Key\r\nBcc: c@d.example <a@b.example>",
            "Key\u{0}ward <a@b.example>",
            "a b@c.example",
            "é@example.com",
            "\"a\"@b.example",
            "a@b@c.example",
            "a@b .example",
        ] {
            assert!(text.parse::<Sender>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn mail_goes_to_what_was_typed_at_a_domain_in_a_labels() {
        let to = |text: &str| recipient(&EmailAddress::parse(text).unwrap()).unwrap().to_string();
        assert_eq!(to("Alpha@BÜCHER.example"), "Alpha@xn--bcher-kva.example");
        assert_eq!(to("e\u{301}@example.com"), "é@example.com");
    }
}
