//! The outbox of a server without a mail server: each mail is a file, and its link is a line of the log.
//!
//! Files are written by a thread of the outbox's own: a slow disk then holds up no request.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use async_trait::async_trait;
use keyward_domain::mail::{MailFailed, Mailer, OutgoingMail};
use tokio::sync::oneshot;

use crate::message::Composer;

/// Writes each mail to `<id>.eml`, for its owner alone, and logs its link.
pub struct FileMailer {
    composer: Composer,
    folder: PathBuf,
    writer: mpsc::Sender<Job>,
}

struct Job {
    name: String,
    bytes: Vec<u8>,
    done: oneshot::Sender<io::Result<()>>,
}

impl FileMailer {
    /// Writes to this folder, which is made with the first mail.
    pub fn new(folder: PathBuf, composer: Composer) -> io::Result<Self> {
        let (writer, jobs) = mpsc::channel::<Job>();
        let place = folder.clone();
        thread::Builder::new().name("keyward-outbox".to_owned()).spawn(move || {
            for job in jobs {
                let _ = job.done.send(write(&place, &job.name, &job.bytes));
            }
        })?;
        Ok(Self { composer, folder, writer })
    }
}

#[async_trait]
impl Mailer for FileMailer {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailFailed> {
        let composed = self.composer.compose(mail)?;
        let name = format!("{}.eml", mail.id);
        let path = self.folder.join(&name);
        let (done, written) = oneshot::channel();
        let stopped = || MailFailed::ForNow("the outbox has stopped".to_owned());
        self.writer.send(Job { name, bytes: composed.bytes, done }).map_err(|_| stopped())?;
        let written = written.await.map_err(|_| stopped())?;
        written.map_err(|error| MailFailed::ForNow(format!("{}: {}", path.display(), error.kind())))?;
        match mail.content.link() {
            // Security: a link is a secret, and may be logged here alone: without a mail server the log is the mailbox.
            Some(link) => {
                tracing::info!(file = %path.display(), link = link.expose(), "a mail is written to a file");
            }
            None => tracing::info!(file = %path.display(), "a mail is written to a file"),
        }
        Ok(())
    }
}

/// Durable and whole when this returns: written beside, then renamed.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    if !folder.is_dir() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let beside = folder.join(format!("{name}.part"));
    // What a crash left: it may have another mode.
    match fs::remove_file(&beside) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, folder.join(name))?;
    File::open(folder)?.sync_all()
}
