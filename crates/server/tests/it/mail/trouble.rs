//! A mail server that is down, says nothing, refuses or cuts: nobody waits for it, and every mail arrives at last.
//!
//! The real waits pass between the tries, some ten seconds.

use std::collections::BTreeSet;

use keyward_testkit::smtp::{Manners, Mischief, Moment, Taken};
use serde_json::{Value, json};

use super::post::{Closed, Post, is_for, on_each_database};
use crate::process::{Answer, Place, Server};

/// How many register, and forget their password; more than are sent to at the same time.
const PEOPLE: usize = 16;

#[test]
fn threat_d4_a_mail_server_that_never_answers_keeps_nobody_waiting() {
    misbehaves(Moment::Greeting, Mischief::Silence);
}

#[test]
fn threat_d4_a_mail_server_that_refuses_for_now_gets_every_mail_later() {
    misbehaves(Moment::Recipient, Mischief::Say("451 4.3.0 later"));
}

#[test]
fn threat_d4_a_mail_server_that_cuts_a_mail_in_the_middle_gets_every_mail_later() {
    misbehaves(Moment::InTheMiddle, Mischief::Cut);
}

#[test]
fn threat_d4_a_mail_server_that_is_down_gets_every_mail_when_it_is_up() {
    on_each_database(|place, _| {
        let (closed, as_ever) = (Closed::new(), AsEver::seen());
        let server = place.with("KEYWARD_SMTP_URL", &closed.url()).serve();
        as_ever.is_answered_by(&server);
        all_arrive(&closed.open());
    });
}

fn misbehaves(moment: Moment, mischief: Mischief) {
    on_each_database(|place, _| {
        let mischief = Some((moment, mischief.clone()));
        let (post, as_ever) = (Post::open(Manners { mischief, ..Manners::default() }), AsEver::seen());
        let server = place.with("KEYWARD_SMTP_URL", &post.url()).serve();
        register(&server, "first@example.com");
        post.wait_for_mischief();
        // From here on a server that says nothing holds the first mail until it is told to behave.
        as_ever.is_answered_by(&server);
        assert_eq!(post.taken(), [], "all of that was answered while no mail got through");
        post.behave();
        all_arrive(&post);
    });
}

fn address(number: usize) -> String {
    format!("person-{number}@example.com")
}

fn register(server: &Server, address: &str) -> Answer {
    server.post("/api/v1/auth/register", &json!({"display_name": "Somebody", "email": address}))
}

/// Status and body, without what differs from request to request.
fn forget(server: &Server, address: &str) -> (u16, Value) {
    let mut answer = server.post("/api/v1/auth/forgot-password", &json!({"username": address}));
    if let Some(members) = answer.json.as_object_mut() {
        members.remove("request_id");
    }
    (answer.status, answer.json)
}

/// Status and names of the members.
fn shape(answer: &Answer) -> (u16, BTreeSet<String>) {
    (answer.status, answer.json.as_object().unwrap().keys().cloned().collect())
}

/// What a server answers whose mail goes out.
struct AsEver {
    registered: (u16, BTreeSet<String>),
    forgotten: (u16, Value),
}

impl AsEver {
    fn seen() -> Self {
        let healthy = Place::new();
        let healthy = healthy.serve();
        let registered = shape(&register(&healthy, &address(0)));
        let forgotten = forget(&healthy, &address(0));
        assert_eq!((registered.0, forgotten.0), (201, 200));
        Self { registered, forgotten }
    }

    /// Everybody registers and forgets.
    fn is_answered_by(&self, server: &Server) {
        for number in 0..PEOPLE {
            assert_eq!(shape(&register(server, &address(number))), self.registered);
            assert_eq!(forget(server, &address(number)), self.forgotten);
        }
    }
}

fn all_arrive(post: &Post) {
    let has = |taken: &[Taken], number, page| taken.iter().any(|mail| is_for(mail, &address(number), page));
    let taken = post.taken_when(|taken| {
        (0..PEOPLE).all(|number| has(taken, number, "verify-email") && has(taken, number, "reset-password"))
    });
    println!("{} mails", taken.len());
}
