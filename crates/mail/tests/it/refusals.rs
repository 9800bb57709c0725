//! A mail server that is down, slow, refusing, cutting the line or talking nonsense: what is tried again, and what not.

use std::time::Duration;

use keyward_domain::mail::{MailFailed, Mailer};
use keyward_testkit::smtp::{Manners, Mischief, Moment, SmtpServer};
use tokio::time::Instant;

use crate::mails::{mailer, reset, send_to};

const ALL: &[Moment] = &[
    Moment::Greeting,
    Moment::Hello,
    Moment::Sender,
    Moment::Recipient,
    Moment::Data,
    Moment::InTheMiddle,
    Moment::End,
];

fn at(moment: Moment, mischief: Mischief) -> Manners {
    Manners { mischief: Some((moment, mischief)), ..Manners::default() }
}

fn is_for_now(sent: &Result<(), MailFailed>) -> bool {
    matches!(sent, Err(MailFailed::ForNow(_)))
}

#[tokio::test]
async fn threat_d4_a_server_that_is_down_is_tried_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for host in [address.to_string(), "mail.invalid:25".to_owned()] {
        let sent = mailer(&format!("smtp://{host}?tls=none"), None).send(&reset("alpha@example.com")).await;
        assert!(is_for_now(&sent), "{sent:?}");
    }
}

#[tokio::test]
async fn threat_d4_what_is_refused_for_now_is_tried_again() {
    for &moment in ALL.iter().filter(|moment| **moment != Moment::InTheMiddle) {
        for line in ["421 4.3.2 closing", "451 4.3.0 later", "452 4.2.2 full"] {
            let (_, sent) = send_to(at(moment, Mischief::Say(line))).await;
            assert!(is_for_now(&sent), "{moment:?} {line}: {sent:?}");
        }
    }
}

#[tokio::test]
async fn threat_d4_what_is_refused_for_good_is_given_up_only_for_its_own_fault() {
    for &moment in ALL.iter().filter(|moment| **moment != Moment::InTheMiddle) {
        let about_the_mail = matches!(moment, Moment::Recipient | Moment::Data | Moment::End);
        for line in ["550 5.1.1 <alpha@example.com> is nobody", "554 5.7.1 no"] {
            let (_, sent) = send_to(at(moment, Mischief::Say(line))).await;
            let Err(MailFailed::ForGood(why) | MailFailed::ForNow(why)) = &sent else { panic!("{sent:?}") };
            assert_eq!(
                matches!(sent, Err(MailFailed::ForGood(_))),
                about_the_mail,
                "{moment:?} {line}: {sent:?}"
            );
            assert!(why.contains(&line[..3]) && !why.contains("alpha"), "{why}");
        }
        for line in ["503 5.5.1 what?", "530 5.7.0 who are you?", "535 5.7.8 who are you?"] {
            let (_, sent) = send_to(at(moment, Mischief::Say(line))).await;
            assert!(is_for_now(&sent), "{moment:?} {line}: {sent:?}");
        }
    }
}

#[tokio::test]
async fn threat_d4_a_line_that_is_cut_is_tried_again_even_after_the_mail() {
    for &moment in ALL {
        let (server, sent) = send_to(at(moment, Mischief::Cut)).await;
        assert!(is_for_now(&sent), "{moment:?}: {sent:?}");
        // A second mail may come of it, never none.
        assert_eq!(server.taken().len(), usize::from(moment == Moment::End), "{moment:?}");
    }
}

#[tokio::test]
async fn a_mail_that_was_taken_is_taken_however_the_goodbye_goes() {
    for mischief in [Mischief::Cut, Mischief::Say("500 what?"), Mischief::Flood] {
        let (server, sent) = send_to(at(Moment::Goodbye, mischief)).await;
        assert_eq!(sent, Ok(()));
        assert_eq!(server.taken().len(), 1);
    }
}

#[tokio::test]
async fn threat_d4_nonsense_is_tried_again() {
    for &moment in ALL.iter().filter(|moment| **moment != Moment::InTheMiddle) {
        for line in ["", "hello", "999 what", "25", "250-more", "\u{0}\u{1b}[2J", "HTTP/1.1 400 Bad Request"]
        {
            let manners = at(moment, Mischief::Say(line));
            let server = SmtpServer::start(manners).await;
            let mailer = mailer(&format!("smtp://{}", server.address()), None);
            let mail = reset("alpha@example.com");
            let sending = mailer.send(&mail);
            tokio::pin!(sending);
            // An answer that never ends is waited for: let that time pass at once.
            let sent = tokio::select! {
                sent = &mut sending => sent,
                () = server.mischief() => {
                    tokio::time::pause();
                    let sent = sending.await;
                    tokio::time::resume();
                    sent
                }
            };
            assert!(is_for_now(&sent), "{moment:?} {line:?}: {sent:?}");
        }
        let (_, sent) = send_to(at(moment, Mischief::Flood)).await;
        assert!(is_for_now(&sent), "{moment:?}: {sent:?}");
    }
}

#[tokio::test]
async fn threat_d4_a_silent_server_is_left_within_a_minute() {
    for &moment in ALL {
        let server = SmtpServer::start(at(moment, Mischief::Silence)).await;
        let mailer = mailer(&format!("smtp://{}", server.address()), None);
        let sending = tokio::spawn(async move { mailer.send(&reset("alpha@example.com")).await });
        server.mischief().await;
        tokio::time::pause();
        let begun = Instant::now();
        let sent = sending.await.unwrap();
        assert!(is_for_now(&sent), "{moment:?}: {sent:?}");
        assert!(begun.elapsed() <= Duration::from_secs(31), "{moment:?}");
        tokio::time::resume();
    }
}

#[tokio::test]
async fn threat_d4_a_slow_server_is_left_within_a_minute() {
    // Each answer is in time; all together are not. Time passes only while everybody waits for it.
    tokio::time::pause();
    let server = SmtpServer::start(Manners { pause: Duration::from_secs(14), ..Manners::default() }).await;
    let mailer = mailer(&format!("smtp://{}", server.address()), None);
    let begun = Instant::now();
    let sent = mailer.send(&reset("alpha@example.com")).await;
    assert!(is_for_now(&sent), "{sent:?}");
    assert!(begun.elapsed() <= Duration::from_secs(60));
}
