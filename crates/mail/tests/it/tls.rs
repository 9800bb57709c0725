//! TLS and logging in: what is said to whom.

use keyward_domain::mail::{MailFailed, Mailer};
use keyward_testkit::smtp::{Manners, SmtpServer};

use crate::mails::{mailer, reset};

const LOGIN: (&str, &str) = ("keyward", "hunter2");

async fn send(scheme: &str, server: &SmtpServer, rest: &str) -> Result<(), MailFailed> {
    let url = format!("{scheme}{}{rest}", server.address());
    mailer(&url, Some(server.authority())).send(&reset("alpha@example.com")).await
}

#[tokio::test]
async fn both_ways_into_tls_and_both_ways_to_log_in_work() {
    for implicit_tls in [true, false] {
        for only_login_mechanism in [true, false] {
            let manners = Manners {
                implicit_tls,
                start_tls: !implicit_tls,
                login: Some(LOGIN),
                only_login_mechanism,
                ..Manners::default()
            };
            let server = SmtpServer::start(manners).await;
            let scheme = if implicit_tls { "smtps://keyward:hunter2@" } else { "smtp://keyward:hunter2@" };
            assert_eq!(send(scheme, &server, "").await, Ok(()));
            assert!(server.taken()[0].in_tls);
        }
    }
}

#[tokio::test]
async fn a_wrong_password_waits_for_the_operator_and_is_not_repeated() {
    let server =
        SmtpServer::start(Manners { implicit_tls: true, login: Some(LOGIN), ..Manners::default() }).await;
    let sent = send("smtps://keyward:hunter3@", &server, "").await;
    assert_eq!(sent, Err(MailFailed::ForNow("AUTH: the server answers 535".to_owned())));
    // Without one the server refuses the sender, which is not the recipient's fault either.
    let sent = send("smtps://", &server, "").await;
    assert_eq!(sent, Err(MailFailed::ForNow("MAIL: the server answers 530".to_owned())));
    assert!(server.taken().is_empty());
}

#[tokio::test]
async fn threat_a8_nothing_is_said_without_tls_where_tls_is_required() {
    let server = SmtpServer::start(Manners::default()).await;
    for scheme in ["smtp://keyward:hunter2@", "smtp://"] {
        let rest = if scheme.contains('@') { "" } else { "?tls=required" };
        let sent = send(scheme, &server, rest).await;
        assert!(matches!(sent, Err(MailFailed::ForNow(_))), "{sent:?}");
    }
    assert!(server.taken().is_empty());
    assert_eq!(server.heard(), ["EHLO id.example.com", "EHLO id.example.com"]);
}

#[tokio::test]
async fn threat_a8_a_certificate_that_nobody_vouches_for_gets_nothing() {
    for (scheme, implicit_tls) in [("smtps://", true), ("smtp://", false)] {
        let manners = Manners { implicit_tls, start_tls: !implicit_tls, ..Manners::default() };
        let server = SmtpServer::start(manners.clone()).await;
        let another = SmtpServer::start(manners).await;
        let rest = if implicit_tls { "" } else { "?tls=required" };
        let url = format!("{scheme}{}{rest}", server.address());
        for authority in [None, Some(another.authority())] {
            let sent = mailer(&url, authority).send(&reset("alpha@example.com")).await;
            let Err(MailFailed::ForNow(why)) = sent else { panic!("{sent:?}") };
            assert!(why.contains("certificate"), "an operator must see what is wrong: {why}");
        }
        assert!(server.taken().is_empty());
    }
}

#[tokio::test]
async fn starttls_is_used_where_it_is_offered() {
    for start_tls in [true, false] {
        let server = SmtpServer::start(Manners { start_tls, ..Manners::default() }).await;
        assert_eq!(send("smtp://", &server, "?tls=opportunistic").await, Ok(()));
        assert_eq!(server.taken()[0].in_tls, start_tls);
    }
}
