//! A mail server that takes what it is given.

use keyward_domain::mail::{MailFailed, Mailer};
use keyward_testkit::smtp::{Manners, SmtpServer};

use crate::mails::{LINK, mailer, reset, send_to};

#[tokio::test]
async fn a_mail_arrives_once_for_one_recipient() {
    let (server, sent) = send_to(Manners::default()).await;
    assert_eq!(sent, Ok(()));
    let [taken] = &server.taken()[..] else { panic!("{:?}", server.taken()) };
    assert_eq!(taken.from, "<no-reply@example.com>");
    assert_eq!(taken.to, ["<alpha@example.com>"]);
    assert!(taken.data.contains(LINK) && taken.data.ends_with("\r\n"));
    let heard = server.heard();
    assert_eq!(heard.first().map(String::as_str), Some("EHLO id.example.com"));
    assert_eq!(heard.last().map(String::as_str), Some("QUIT"));
}

#[tokio::test]
async fn each_mail_finds_a_server_that_has_closed_its_connections() {
    let server = SmtpServer::start(Manners::default()).await;
    let mailer = mailer(&format!("smtp://{}", server.address()), None);
    for _ in 0..3 {
        assert_eq!(mailer.send(&reset("alpha@example.com")).await, Ok(()));
    }
    assert_eq!(server.taken().len(), 3);
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_a_server_that_takes_it() {
    let server = SmtpServer::start(Manners { utf8: true, ..Manners::default() }).await;
    let url = format!("smtp://{}", server.address());
    assert_eq!(mailer(&url, None).send(&reset("älpha@bücher.example")).await, Ok(()));
    let [taken] = &server.taken()[..] else { panic!("{:?}", server.taken()) };
    assert_eq!(taken.to, ["<älpha@xn--bcher-kva.example>"]);
    assert_eq!(taken.from, "<no-reply@example.com> SMTPUTF8 BODY=8BITMIME");

    let server = SmtpServer::start(Manners::default()).await;
    let url = format!("smtp://{}", server.address());
    let sent = mailer(&url, None).send(&reset("älpha@example.com")).await;
    assert!(matches!(sent, Err(MailFailed::ForGood(_))), "{sent:?}");
    assert!(server.taken().is_empty());
    assert_eq!(mailer(&url, None).send(&reset("alpha@bücher.example")).await, Ok(()));
}

#[tokio::test]
async fn a_check_sends_nothing() {
    let server = SmtpServer::start(Manners::default()).await;
    assert_eq!(mailer(&format!("smtp://{}", server.address()), None).check().await, Ok(()));
    assert_eq!(server.heard(), ["EHLO id.example.com", "NOOP", "QUIT"]);
}
