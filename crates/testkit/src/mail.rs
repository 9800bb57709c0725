//! Mail that goes nowhere, and a bell that counts.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use keyward_domain::mail::{MailBell, MailFailed, Mailer, OutgoingMail};

/// Keeps what it is given to send. It can be told to fail.
#[derive(Debug, Default)]
pub struct FakeMailer(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    sent: Vec<OutgoingMail>,
    failures: VecDeque<MailFailed>,
    outage: Option<MailFailed>,
    tries: usize,
}

impl FakeMailer {
    /// A mailer that has sent nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next mail fails so, behind those that were told to fail before.
    pub fn fail_next(&self, failure: MailFailed) {
        self.0.lock().unwrap().failures.push_back(failure);
    }

    /// From now on every mail fails so; with `None` none does.
    pub fn set_outage(&self, outage: Option<MailFailed>) {
        self.0.lock().unwrap().outage = outage;
    }

    /// How often it was given a mail, sent or not.
    pub fn tries(&self) -> usize {
        self.0.lock().unwrap().tries
    }

    /// The mails that were sent since this was last asked, in order.
    pub fn take(&self) -> Vec<OutgoingMail> {
        std::mem::take(&mut self.0.lock().unwrap().sent)
    }
}

#[async_trait]
impl Mailer for FakeMailer {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailFailed> {
        let mut state = self.0.lock().unwrap();
        state.tries += 1;
        if let Some(failure) = state.failures.pop_front().or_else(|| state.outage.clone()) {
            return Err(failure);
        }
        state.sent.push(mail.clone());
        Ok(())
    }
}

/// The token in a mail's link. Panics if it has none.
pub fn mailed_token(mail: &OutgoingMail) -> String {
    let link = mail.content.link().expect("a mail with a link").expose();
    link.split_once("?token=").expect("a link with a token").1.to_owned()
}

/// A bell that counts how often it was rung.
#[derive(Debug, Default)]
pub struct CountingBell(AtomicUsize);

impl CountingBell {
    /// How often it was rung.
    pub fn rung(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl MailBell for CountingBell {
    fn ring(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
