//! The pages: a template each, with what it shows.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use keyward_domain::time::Instant;

use super::forms::Problems;

/// What the layout around every page shows.
#[derive(Default)]
pub(super) struct Frame {
    /// Who is logged in.
    pub(super) person: Option<Named>,
    /// Nobody may sign up.
    pub(super) is_closed: bool,
    /// What every form of the page proves by.
    pub(super) form_token: String,
}

/// Somebody who is logged in, as the layout shows them.
#[derive(Clone)]
pub(super) struct Named {
    pub(super) name: String,
    /// What the form that logs out proves by.
    pub(super) form_token: String,
}

/// Something to say, and where to go from there.
#[derive(Template)]
#[template(path = "portal/message.html")]
pub(super) struct Message {
    pub(super) frame: Frame,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
    pub(super) link: Option<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "portal/signup.html")]
pub(super) struct Signup<'a> {
    pub(super) frame: Frame,
    pub(super) form_id: String,
    /// Somebody has the address.
    pub(super) is_taken: bool,
    pub(super) name: &'a str,
    pub(super) email: &'a str,
    pub(super) problems: Problems,
}

#[derive(Template)]
#[template(path = "portal/login.html")]
pub(super) struct Login<'a> {
    pub(super) frame: Frame,
    pub(super) notice: Option<&'static str>,
    pub(super) email: &'a str,
    pub(super) problems: Problems,
}

/// A secret, the one time that it is shown.
#[derive(Template)]
#[template(path = "portal/secret.html")]
pub(super) struct ShownOnce<'a> {
    pub(super) frame: Frame,
    pub(super) title: &'static str,
    pub(super) text: &'a str,
    pub(super) secret: &'a str,
    pub(super) public_url: &'a str,
}

/// The question whether an address is somebody's.
#[derive(Template)]
#[template(path = "portal/verify.html")]
pub(super) struct Verify<'a> {
    pub(super) frame: Frame,
    pub(super) name: &'a str,
    pub(super) email: &'a str,
    pub(super) token: &'a str,
    /// What there is of the account, for a browser in which nobody is logged in to it.
    pub(super) standing: Option<Standing>,
    pub(super) problems: Problems,
}

/// What whoever made an account still holds of it.
pub(super) struct Standing {
    pub(super) since: Moment,
    pub(super) keys: u64,
    pub(super) sessions: u64,
}

#[derive(Template)]
#[template(path = "portal/forgot.html")]
pub(super) struct Forgot<'a> {
    pub(super) frame: Frame,
    pub(super) email: &'a str,
    pub(super) problems: Problems,
}

#[derive(Template)]
#[template(path = "portal/reset.html")]
pub(super) struct Reset<'a> {
    pub(super) frame: Frame,
    pub(super) name: &'a str,
    pub(super) email: &'a str,
    pub(super) token: &'a str,
    pub(super) was_verified: bool,
    pub(super) problems: Problems,
}

#[derive(Template)]
#[template(path = "portal/dashboard.html")]
pub(super) struct Dashboard<'a> {
    pub(super) frame: Frame,
    pub(super) notice: Option<&'static str>,
    pub(super) name: &'a str,
    pub(super) email: Option<&'a str>,
    pub(super) is_verified: bool,
    pub(super) account_id: String,
    pub(super) plan: &'static str,
    pub(super) since: Moment,
    pub(super) keys: KeyList,
    pub(super) events: Vec<Event>,
}

/// A page of the account's keys, and what may be done with them.
pub(super) struct KeyList {
    /// Whether they are those that have ended.
    pub(super) are_over: bool,
    pub(super) rows: Vec<Key>,
    /// The cursor of the page behind this one.
    pub(super) older: Option<String>,
    /// Whether it is not the first page.
    pub(super) is_later: bool,
    pub(super) used: u32,
    pub(super) most: u32,
    /// Whether they may be rotated and revoked.
    pub(super) may_change: bool,
    /// Why no key can be made.
    pub(super) obstacle: Option<String>,
}

/// What happened.
pub(super) struct Event {
    pub(super) at: Moment,
    pub(super) what: &'static str,
    /// Which key it was done to.
    pub(super) key: Option<String>,
    pub(super) by: &'static str,
}

/// A key, as its owner sees it.
pub(super) struct Key {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) preview: String,
    pub(super) rights: String,
    pub(super) environment: &'static str,
    pub(super) status: &'static str,
    pub(super) is_good: bool,
    pub(super) is_active: bool,
    pub(super) logs_in: bool,
    pub(super) created: Moment,
    pub(super) last_used: Option<Moment>,
    pub(super) expires: Option<Moment>,
    /// In how long it ends, if that is soon.
    pub(super) ends: Option<String>,
}

/// A choice of several, and whether it is the one.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) said: String,
    pub(super) is_chosen: bool,
}

#[derive(Template)]
#[template(path = "portal/new_key.html")]
pub(super) struct NewKey<'a> {
    pub(super) frame: Frame,
    pub(super) form_id: String,
    pub(super) label: &'a str,
    pub(super) purposes: Vec<Choice>,
    pub(super) lifetimes: Vec<Choice>,
    pub(super) is_narrowed: bool,
    pub(super) scopes: Vec<Choice>,
    /// Why no key can be made now.
    pub(super) obstacle: Option<String>,
    /// Whether there is a form.
    pub(super) is_offered: bool,
    pub(super) problems: Problems,
}

/// The question whether a key is to be rotated.
#[derive(Template)]
#[template(path = "portal/rotate_key.html")]
pub(super) struct RotateKey {
    pub(super) frame: Frame,
    pub(super) form_id: String,
    pub(super) key: Key,
    pub(super) graces: Vec<Choice>,
}

/// The question whether a key is to be revoked.
#[derive(Template)]
#[template(path = "portal/revoke_key.html")]
pub(super) struct RevokeKey {
    pub(super) frame: Frame,
    pub(super) key: Key,
}

/// The form that changes the password.
#[derive(Template)]
#[template(path = "portal/password.html")]
pub(super) struct ChangePassword<'a> {
    pub(super) frame: Frame,
    pub(super) email: &'a str,
    pub(super) problems: Problems,
}

/// The question whether all tokens and sessions are to end.
#[derive(Template)]
#[template(path = "portal/end_tokens.html")]
pub(super) struct EndTokens {
    pub(super) frame: Frame,
}

/// A moment, for people and for programs.
pub(super) struct Moment {
    pub(super) exact: String,
    pub(super) said: String,
}

impl From<Instant> for Moment {
    fn from(instant: Instant) -> Self {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let utc = instant.to_utc();
        let month =
            MONTHS.get(usize::from(u8::from(utc.month())).saturating_sub(1)).copied().unwrap_or_default();
        let said = format!("{} {month} {}, {:02}:{:02} UTC", utc.day(), utc.year(), utc.hour(), utc.minute());
        Self { exact: instant.truncated_to_seconds().to_string(), said }
    }
}

/// The page as an answer.
pub(super) fn render(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(html) => HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html),
        // Templates fail only where a value cannot be formatted, and all of ours can be.
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_said_for_people_and_for_programs() {
        let moment = Moment::from(Instant::from_unix_micros(1_773_928_867_000_001).unwrap());
        assert_eq!(
            (moment.said.as_str(), moment.exact.as_str()),
            ("19 Mar 2026, 14:01 UTC", "2026-03-19T14:01:07Z")
        );
    }
}
