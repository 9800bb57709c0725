//! The account's keys: made, rotated, revoked.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError, web};
use keyward_domain::ids::KeyId;
use keyward_domain::keys::{KeyPurpose, ManageKeyError, SuccessorPrefix};
use keyward_domain::scope::Scope;

use super::super::browser::{Person, see_other};
use super::super::error::Refusal;
use super::super::forms::{self, GRACES, KEY_PREFIXES, LIFETIMES, Problems, USUAL_LIFETIME};
use super::super::pages::{Choice, Key, NewKey, RevokeKey, RotateKey, ShownOnce, render};
use super::super::{Site, repeats, words};
use crate::extract::{Cx, Fields, Form};

/// `GET /dashboard/keys/new`.
pub(in super::super) async fn new_page(cx: Cx, site: web::Data<Site>) -> Result<HttpResponse, Refusal> {
    let person = Person::of(&cx, &site).await?;
    let room = cx.domain.own_keys.room(&person.signed_in.principal).await?;
    let obstacle = room.lets_create().err().as_ref().and_then(words::obstacle);
    let fields = Fields::default();
    let page = form(&cx, &person, &fields, Problems::default());
    Ok(render(StatusCode::OK, &NewKey { is_offered: obstacle.is_none(), obstacle, ..page }))
}

/// `GET /dashboard/keys`: where a browser is that is asked for the address of the page with a secret once more.
pub(in super::super) async fn list(cx: Cx, site: web::Data<Site>) -> Result<HttpResponse, Refusal> {
    Person::of(&cx, &site).await?;
    Ok(see_other("/dashboard"))
}

/// `POST /dashboard/keys`. The answer shows the secret, and no other does.
pub(in super::super) async fn create(
    cx: Cx,
    site: web::Data<Site>,
    sent: Form,
) -> Result<HttpResponse, Refusal> {
    let (person, fields) = Person::sending(&cx, &site, sent).await?;
    let command = match forms::new_key(&fields, cx.clock.now()) {
        Ok(command) => command,
        Err(problems) => {
            return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &form(&cx, &person, &fields, problems)));
        }
    };
    let context = repeats::context(&cx, &fields)?;
    let issued = match cx.domain.own_keys.create(&person.signed_in.principal, command, &context).await {
        Ok(issued) => issued,
        Err(why) => return refused(form(&cx, &person, &fields, Problems::default()), why),
    };
    let page = ShownOnce {
        frame: person.frame(),
        title: "Your new key",
        text: "It works at once.",
        secret: issued.text.expose(),
        public_url: &cx.public_url,
    };
    Ok(render(StatusCode::OK, &page))
}

/// What stood in the way of a key meanwhile, above what was typed.
fn refused(page: NewKey<'_>, why: ManageKeyError) -> Result<HttpResponse, Refusal> {
    let (obstacle, refusal) = (words::obstacle(&why), Refusal::from(why));
    match obstacle {
        Some(_) => Ok(render(refusal.status_code(), &NewKey { obstacle, ..page })),
        None => Err(refusal),
    }
}

/// `GET /dashboard/keys/{key_id}/rotate`: asks whether that is meant.
pub(in super::super) async fn rotate_page(cx: Cx, site: web::Data<Site>) -> Result<HttpResponse, Refusal> {
    let person = Person::of(&cx, &site).await?;
    let key = find(&cx, &person).await?;
    let graces = GRACES.iter().map(|(seconds, said)| Choice {
        value: seconds.to_string(),
        said: (*said).to_owned(),
        is_chosen: *seconds == 0,
    });
    let (frame, form_id) = (person.frame(), repeats::new_form_id(&cx));
    Ok(render(StatusCode::OK, &RotateKey { frame, form_id, key, graces: graces.collect() }))
}

/// `POST /dashboard/keys/{key_id}/rotate`. The answer shows the new secret, and no other does.
pub(in super::super) async fn rotate(
    cx: Cx,
    site: web::Data<Site>,
    sent: Form,
) -> Result<HttpResponse, Refusal> {
    let (person, fields) = Person::sending(&cx, &site, sent).await?;
    let (id, grace) = (key_id(&cx)?, forms::grace(&fields).ok_or(Refusal::Stale)?);
    let (principal, context) = (&person.signed_in.principal, repeats::context(&cx, &fields)?);
    let prefix = SuccessorPrefix::Kept { or: &KEY_PREFIXES };
    let rotated = cx.domain.own_keys.rotate(principal, id, grace, prefix, &context).await?;
    let page = ShownOnce {
        frame: person.frame(),
        title: "Your key, rotated",
        text: match grace.duration() {
            None => "The old one opens nothing any more.",
            Some(_) => "The old one stays good for a while, until everything has the new one.",
        },
        secret: rotated.issued.text.expose(),
        public_url: &cx.public_url,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /dashboard/keys/{key_id}/revoke`: asks whether that is meant.
pub(in super::super) async fn revoke_page(cx: Cx, site: web::Data<Site>) -> Result<HttpResponse, Refusal> {
    let person = Person::of(&cx, &site).await?;
    let key = find(&cx, &person).await?;
    Ok(render(StatusCode::OK, &RevokeKey { frame: person.frame(), key }))
}

/// `POST /dashboard/keys/{key_id}/revoke`.
pub(in super::super) async fn revoke(
    cx: Cx,
    site: web::Data<Site>,
    sent: Form,
) -> Result<HttpResponse, Refusal> {
    let (person, _) = Person::sending(&cx, &site, sent).await?;
    cx.domain.own_keys.revoke(&person.signed_in.principal, key_id(&cx)?, &cx.context()).await?;
    Ok(see_other("/dashboard?notice=revoked"))
}

async fn find(cx: &Cx, person: &Person) -> Result<Key, Refusal> {
    let key = cx.domain.own_keys.find(&person.signed_in.principal, key_id(cx)?).await?;
    Ok(words::key(&key, cx.clock.now()))
}

fn key_id(cx: &Cx) -> Result<KeyId, Refusal> {
    cx.path("key_id").parse().map_err(|_| Refusal::UnknownKey)
}

/// The form as it was filled in.
fn form<'a>(cx: &Cx, person: &Person, fields: &'a Fields, problems: Problems) -> NewKey<'a> {
    let choice = |value: &str, said: String, chosen: &str| Choice {
        is_chosen: value == chosen,
        value: value.to_owned(),
        said,
    };
    let purposes = KeyPurpose::ALL
        .iter()
        .map(|purpose| choice(purpose.as_str(), words::purpose(*purpose).to_owned(), fields.text("purpose")));
    let end = Some(fields.text("expires")).filter(|chosen| !chosen.is_empty()).unwrap_or(USUAL_LIFETIME);
    let days = LIFETIMES.iter().map(|days| (days.to_string(), format!("In {days} days")));
    let lifetimes = [("never".to_owned(), "Never".to_owned())].into_iter().chain(days);
    let scopes = Scope::ALL.iter().map(|scope| Choice {
        value: scope.to_string(),
        said: words::scope(*scope).to_owned(),
        is_chosen: fields.all("scope").any(|ticked| ticked == scope.as_str()),
    });
    NewKey {
        frame: person.frame(),
        form_id: repeats::new_form_id(cx),
        label: fields.text("label"),
        purposes: purposes.collect(),
        lifetimes: lifetimes.map(|(value, said)| choice(&value, said, end)).collect(),
        is_narrowed: fields.text("access") == "some",
        scopes: scopes.collect(),
        obstacle: None,
        is_offered: true,
        problems,
    }
}
