//! The dashboard: the account, its keys, and what happened.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use keyward_domain::audit::AuditEvent;
use keyward_domain::keys::{KeyCursor, KeysThat, ManageKeyError};
use keyward_domain::principal::Principal;
use keyward_domain::tokens::LogOutError;

use super::super::browser::{Person, see_other};
use super::super::error::Refusal;
use super::super::pages::{Dashboard, EndTokens, Event, KeyList, render};
use super::super::{Site, words};
use super::login::forgotten;
use crate::extract::{Cx, Form};

/// How many of the newest events are shown.
const EVENTS: u16 = 20;
/// How many keys a page has.
const KEYS: u16 = 50;

/// `GET /dashboard`.
pub(in super::super) async fn page(cx: Cx, site: web::Data<Site>) -> Result<HttpResponse, Refusal> {
    let person = Person::of(&cx, &site).await?;
    let account = &person.signed_in.account;
    let page = Dashboard {
        frame: person.frame(),
        notice: notice(&cx),
        name: account.display_name.as_str(),
        email: account.email.as_ref().map(|email| email.address.as_typed()),
        is_verified: account.email.as_ref().is_some_and(|email| email.verified_at.is_some()),
        account_id: account.id.to_string(),
        plan: account.plan.as_str(),
        since: account.created_at.into(),
        keys: keys(&cx, &person.signed_in.principal).await?,
        events: events(&cx, &person.signed_in.principal).await?,
    };
    Ok(render(StatusCode::OK, &page))
}

/// The keys that are good or, behind `?ended`, those that are not; the newest, or those behind a cursor. What is no cursor
/// of this list is its beginning.
async fn keys(cx: &Cx, principal: &Principal) -> Result<KeyList, Refusal> {
    let (query, now) = (cx.query(), cx.clock.now());
    let are_over = matches!(query.single("ended"), Ok(Some(_)));
    let (list, which): (&[u8], _) = match are_over {
        false => (b"portal keys", KeysThat::AreGood(now)),
        true => (b"portal ended keys", KeysThat::HaveEnded(now)),
    };
    let after = query.single("after").ok().flatten().and_then(|cursor| cx.place(list, cursor));
    let after = after.map(|(created_at, id)| KeyCursor { created_at, id });
    let room = cx.domain.own_keys.room(principal).await?;
    let mut keys = cx.domain.own_keys.list(principal, which, after, KEYS + 1).await?;
    let has_older = keys.len() > usize::from(KEYS);
    keys.truncate(KEYS.into());
    let older = keys.last().filter(|_| has_older);
    Ok(KeyList {
        are_over,
        older: older.map(|last| cx.cursor(list, last.created_at, &last.id.to_string())),
        is_later: after.is_some(),
        rows: keys.iter().map(|key| words::key(key, now)).collect(),
        used: room.used,
        most: room.most,
        may_change: !room.is_locked,
        obstacle: room.lets_create().err().as_ref().and_then(words::obstacle),
    })
}

/// The newest events, each with the key that it was done to: their keys may be on another page, or have ended.
async fn events(cx: &Cx, principal: &Principal) -> Result<Vec<Event>, Refusal> {
    let events = cx.domain.audit.page(Some(principal.account), None, EVENTS).await?;
    let mut keys = BTreeMap::new();
    for id in events.iter().filter_map(words::key_of) {
        if let Entry::Vacant(place) = keys.entry(id) {
            match cx.domain.own_keys.find(principal, id).await {
                Ok(key) => drop(place.insert(key)),
                Err(ManageKeyError::UnknownKey) => {} // One of the sandbox.
                Err(error) => return Err(error.into()),
            }
        }
    }
    let key_of = |event: &AuditEvent| words::key_of(event).and_then(|id| keys.get(&id));
    Ok(events.iter().map(|event| words::event(event, principal.account, key_of(event))).collect())
}

fn notice(cx: &Cx) -> Option<&'static str> {
    match cx.query().single("notice") {
        Ok(Some("verified")) => Some("Thank you: your address is verified."),
        Ok(Some("password")) => {
            Some("Your password is changed. Every other login has ended, and so has every access token.")
        }
        Ok(Some("mailed")) => Some("Another mail is on its way. The link in the newest one works."),
        Ok(Some("revoked")) => Some("The key is revoked: it opens nothing any more."),
        Ok(_) | Err(_) => None,
    }
}

/// `POST /dashboard/verification`: another mail that asks whether the address is one's own.
pub(in super::super) async fn mail_again(
    cx: Cx,
    site: web::Data<Site>,
    form: Form,
) -> Result<HttpResponse, Refusal> {
    let (person, _) = Person::sending(&cx, &site, form).await?;
    cx.domain.mail.request_verification(&person.signed_in.principal).await?;
    Ok(see_other("/dashboard?notice=mailed"))
}

/// `GET /dashboard/end-tokens`: asks whether that is meant.
pub(in super::super) async fn end_tokens_page(
    cx: Cx,
    site: web::Data<Site>,
) -> Result<HttpResponse, Refusal> {
    let person = Person::of(&cx, &site).await?;
    Ok(render(StatusCode::OK, &EndTokens { frame: person.frame() }))
}

/// `POST /dashboard/end-tokens`: everybody is logged out, this browser too.
pub(in super::super) async fn end_tokens(
    cx: Cx,
    site: web::Data<Site>,
    form: Form,
) -> Result<HttpResponse, Refusal> {
    let (person, _) = Person::sending(&cx, &site, form).await?;
    match cx.domain.tokens.log_out_everywhere(&person.signed_in.principal, &cx.context()).await {
        // Whoever is not there any more has no tokens either.
        Ok(()) | Err(LogOutError::UnknownAccount) => Ok(forgotten(see_other("/login?notice=ended"))),
        Err(LogOutError::NotAToken | LogOutError::LimitedToAgent) => Err(Refusal::Stale),
        Err(LogOutError::Store(error)) => Err(error.into()),
    }
}
