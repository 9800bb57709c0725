//! A mail server that is not ours: Debian's `python3-aiosmtpd`, which keeps each mail in a folder.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use keyward_domain::mail::{MailFailed, Mailer};
use mail_parser::MessageParser;

use crate::mails::{LINK, mailer, reset};

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_foreign_server_takes_a_mail() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("mails");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Command::new("/usr/bin/python3")
        .args(["-m", "aiosmtpd", "--nosetuid", "--listen", &free.to_string()])
        .args(["--class", "aiosmtpd.handlers.Mailbox"])
        .arg(&folder)
        .stdin(Stdio::null())
        .spawn()
        .expect("Debian's python3-aiosmtpd: cargo xtask setup");
    let mut server = Killed(server);
    let mailer = mailer(&format!("smtp://{free}"), None);
    loop {
        match mailer.send(&reset("alpha@example.com")).await {
            Ok(()) => break,
            Err(MailFailed::ForNow(why)) => {
                let ended = server.0.try_wait().unwrap();
                assert!(ended.is_none(), "the server ended ({ended:?}): is python3-aiosmtpd there? {why}");
            }
            Err(MailFailed::ForGood(why)) => panic!("{why}"),
        }
        // sleep: the server says nowhere that it listens now.
        thread::sleep(Duration::from_millis(50));
    }
    let files: Vec<_> = fs::read_dir(folder.join("new")).unwrap().collect();
    let [Ok(file)] = &files[..] else { panic!("{files:?}") };
    let bytes = fs::read(file.path()).unwrap();
    let message = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(message.subject(), Some("Reset your password"));
    assert_eq!(message.header_raw("X-RcptTo").map(str::trim), Some("alpha@example.com"));
    assert!(message.body_text(0).unwrap().contains(LINK) && message.body_html(0).unwrap().contains(LINK));
}
