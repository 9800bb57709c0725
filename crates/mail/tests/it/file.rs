//! The outbox of a server without a mail server.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use keyward_domain::mail::{MailFailed, Mailer};
use keyward_mail::FileMailer;
use mail_parser::MessageParser;

use crate::mails::{LINK, composer, reset};

#[tokio::test]
async fn each_mail_is_a_file_for_its_owner_alone() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("data/outbox");
    let mailer = FileMailer::new(folder.clone(), composer()).unwrap();
    assert!(!folder.exists(), "made with the first mail");
    let mail = reset("alpha@example.com");
    for _ in 0..2 {
        assert_eq!(mailer.send(&mail).await, Ok(()));
    }
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, [format!("{}.eml", mail.id).as_str()]);
    let path = folder.join(&names[0]);
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&path)), (0o700, 0o600));
    let bytes = fs::read(path).unwrap();
    let message = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(message.to().unwrap().first().unwrap().address(), Some("alpha@example.com"));
    assert!(message.body_text(0).unwrap().contains(LINK));
}

#[tokio::test]
async fn what_a_crash_left_is_in_nobodys_way() {
    let directory = tempfile::tempdir().unwrap();
    let mail = reset("alpha@example.com");
    fs::write(directory.path().join(format!("{}.eml.part", mail.id)), "half").unwrap();
    let mailer = FileMailer::new(directory.path().to_owned(), composer()).unwrap();
    assert_eq!(mailer.send(&mail).await, Ok(()));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_to_is_tried_again() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("file/outbox");
    fs::write(directory.path().join("file"), "in the way").unwrap();
    let mailer = FileMailer::new(folder, composer()).unwrap();
    let sent = mailer.send(&reset("alpha@example.com")).await;
    assert!(matches!(sent, Err(MailFailed::ForNow(_))), "{sent:?}");
}
