//! Throw-away mailboxes are known in every spelling, and ordinary ones are not among them.

use keyward_domain::accounts::{DisposableDomains, EmailAddress};
use keyward_mail::{AllowedAndDenied, DisposableMailboxes, DomainNames};

/// Where people, and the agents that write for them, really have their mail. Relays that hide an address are no
/// throw-away mailboxes: they last.
const ORDINARY: &[&str] = &[
    "163.com",
    "aol.com",
    "att.net",
    "bluewin.ch",
    "comcast.net",
    "duck.com",
    "example.com",
    "fastmail.com",
    "free.fr",
    "gmail.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mail.com",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "mozmail.com",
    "msn.com",
    "naver.com",
    "orange.fr",
    "outlook.com",
    "pm.me",
    "posteo.de",
    "privaterelay.appleid.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rediffmail.com",
    "simplelogin.com",
    "t-online.de",
    "tuta.com",
    "tutanota.com",
    "uol.com.br",
    "web.de",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yandex.ru",
    "zoho.com",
    // Where people work and learn.
    "cam.ac.uk",
    "ethz.ch",
    "github.com",
    "mit.edu",
    "users.noreply.github.com",
];

fn is_disposable(mailboxes: &DisposableMailboxes, domain: &str) -> bool {
    let typed = format!("alpha@{domain}");
    let address = EmailAddress::parse(&typed).unwrap_or_else(|_| panic!("{typed} is no address"));
    mailboxes.has_mailbox(&address)
}

fn names(text: &str) -> DomainNames {
    DomainNames::parse(text).unwrap()
}

/// Letters in their full width, which UTS #46 maps to the plain ones.
fn full_width(domain: &str) -> String {
    let wide = |c: char| match c {
        'a'..='z' => char::from_u32(u32::from(c) - u32::from('a') + u32::from('ａ')).unwrap(),
        _ => c,
    };
    // What begins like an A-label has to stay one.
    if domain.contains("xn--") { domain.to_owned() } else { domain.chars().map(wide).collect() }
}

#[test]
fn threat_g6_every_listed_domain_is_known_in_every_spelling() {
    let mailboxes = DisposableMailboxes::default();
    let mut count = 0;
    for listed in DisposableMailboxes::listed() {
        let (in_unicode, decoded) = idna::domain_to_unicode(listed);
        assert!(decoded.is_ok(), "{listed}");
        for spelling in [
            listed.to_owned(),
            listed.to_uppercase(),
            format!("mx7.{listed}"),
            format!("A.b.{}", listed.to_uppercase()),
            format!("{listed}  "),
            in_unicode,
            full_width(listed),
            listed.replace('.', "。"),
        ] {
            assert!(is_disposable(&mailboxes, &spelling), "{spelling}");
        }
        count += 1;
    }
    assert!(count > 8_000, "{count}");
}

#[test]
fn threat_g6_ordinary_providers_are_not_taken_for_throw_away_ones() {
    let mailboxes = DisposableMailboxes::default();
    for provider in ORDINARY {
        assert!(!is_disposable(&mailboxes, provider), "{provider}");
    }
}

#[test]
fn threat_g6_a_name_that_only_looks_like_a_listed_one_is_another() {
    let mailboxes = DisposableMailboxes::default();
    for other in
        ["surelynotmailinator.com", "mailinator.com.example.org", "mailinator.example", "xmailinator.com"]
    {
        assert!(!is_disposable(&mailboxes, other), "{other}");
    }
}

/// A registry on the list would refuse everybody below it.
#[test]
fn threat_g6_no_entry_is_a_public_suffix() {
    for listed in DisposableMailboxes::listed() {
        assert!(psl::domain(listed.as_bytes()).is_some(), "{listed}");
    }
}

#[test]
fn threat_g6_every_entry_is_in_the_form_that_addresses_have_and_in_its_place() {
    let listed: Vec<&str> = DisposableMailboxes::listed().collect();
    for name in &listed {
        assert_eq!(EmailAddress::parse(&format!("alpha@{name}")).unwrap().domain(), *name);
    }
    assert!(listed.is_sorted_by(|one, next| one < next));
}

#[test]
fn an_operator_s_names_count_before_the_list_s_and_the_longest_of_them_first() {
    let allowed = names("mailinator.com # our own test mail\n\nstaff.bücher.example\n");
    let denied = names("BÜCHER.example\nbad.mailinator.com\n");
    let mailboxes = DisposableMailboxes::new(allowed, denied).unwrap();
    for (domain, expected) in [
        ("mailinator.com", false),
        ("below.mailinator.com", false),
        ("bad.mailinator.com", true),
        ("very.bad.mailinator.com", true),
        ("bücher.example", true),
        ("xn--bcher-kva.example", true),
        ("shop.bücher.example", true),
        ("staff.bücher.example", false),
        ("it.staff.bücher.example", false),
        ("yopmail.com", true),
        ("example", false),
    ] {
        if let Ok(address) = EmailAddress::parse(&format!("alpha@{domain}")) {
            assert_eq!(mailboxes.has_mailbox(&address), expected, "{domain}");
        }
    }
}

#[test]
fn allowing_what_is_listed_opens_nothing_above_it() {
    let listed_below = "0-mailer.dynv6.net";
    let mailboxes = DisposableMailboxes::new(names("x.0-mailer.dynv6.net"), names("")).unwrap();
    assert!(is_disposable(&mailboxes, listed_below));
    assert!(!is_disposable(&mailboxes, "x.0-mailer.dynv6.net"));
    assert!(!is_disposable(&mailboxes, "dynv6.net"));
}

#[test]
fn a_name_that_is_allowed_and_denied_is_refused() {
    let refused = DisposableMailboxes::new(names("a.example\nb.example"), names("B.example")).unwrap_err();
    assert_eq!(refused.to_string(), "b.example is allowed and denied: take it out of one of the two files");
    let AllowedAndDenied { .. } = refused;
}

#[test]
fn a_line_that_names_no_domain_is_refused_by_its_number() {
    for (text, line) in [
        ("com\n", 1),
        ("a.example\n\n# fine\nalpha@b.example\n", 4),
        ("*.example.com", 1),
        (".example.com", 1),
        ("a.example,b.example", 1),
        ("a.example b.example", 1),
        ("http://a.example", 1),
        ("a..example", 1),
    ] {
        let refused = DomainNames::parse(text).unwrap_err().to_string();
        assert_eq!(refused, format!("line {line} is no domain such as example.com"), "{text:?}");
    }
}
