//! The browser that asks: what is checked of every request before its handler does anything.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, LOCATION, SET_COOKIE};
use actix_web::web;
use keyward_domain::ids::AccountId;
use keyward_domain::opaque::OpaqueToken;
use keyward_domain::sessions::{BegunSession, SessionRefused, SignedIn};

use super::Site;
use super::cookies::{self, SESSION_COOKIE, VISITOR_COOKIE};
use super::error::{Refusal, message};
use super::origin::is_from_here;
use super::pages::{Frame, Named};
use crate::extract::{Cx, Fields, Form};
use crate::settings::PortalRegistration;

/// A browser in which nobody need be logged in.
pub(super) struct Visitor<'a> {
    cx: &'a Cx,
    /// Who is, all the same.
    person: Option<Person>,
    /// A text that the browser does not have yet.
    drawn: Option<OpaqueToken>,
}

/// Somebody who is logged in, with what their forms prove by.
pub(super) struct Person {
    pub(super) signed_in: SignedIn,
    form_token: OpaqueToken,
}

/// The name of the hidden field by which a form proves whose it is.
pub(super) const FORM_TOKEN: &str = "form_token";

impl<'a> Visitor<'a> {
    /// Whoever asks for a page.
    pub(super) async fn of(cx: &'a Cx, site: &web::Data<Site>) -> Result<Self, Refusal> {
        check_address(cx, site)?;
        let person = match Person::recognised(cx).await {
            Ok(person) => Some(person),
            Err(Refusal::Store(error)) => return Err(error.into()),
            Err(_) => None,
        };
        let shown = cookies::read(cx, VISITOR_COOKIE);
        let is_ours = shown.is_some_and(|text| cx.domain.sessions.form_token(text).is_some());
        let drawn = (!is_ours).then(|| cx.domain.sessions.new_visitor());
        Ok(Self { cx, person, drawn })
    }

    /// Whoever sends a form of a page for visitors, and what they typed.
    pub(super) async fn sending(
        cx: &'a Cx,
        site: &web::Data<Site>,
        form: Form,
    ) -> Result<(Self, Fields), Refusal> {
        let visitor = Self::of(cx, site).await?;
        let fields = proven(cx, site, VISITOR_COOKIE, form)?;
        Ok((visitor, fields))
    }

    /// Whether somebody is logged in.
    pub(super) const fn is_signed_in(&self) -> bool {
        self.person.is_some()
    }

    /// Whether somebody is logged in to this account.
    pub(super) fn is_signed_in_to(&self, account: AccountId) -> bool {
        self.person.as_ref().is_some_and(|person| person.signed_in.account.id == account)
    }

    /// What the layout shows.
    pub(super) fn frame(&self) -> Frame {
        Frame {
            person: self.person.as_ref().map(Person::named),
            is_closed: self.cx.portal.registration == PortalRegistration::Closed,
            form_token: self.form_token(),
        }
    }

    fn form_token(&self) -> String {
        let shown = cookies::read(self.cx, VISITOR_COOKIE).unwrap_or_default();
        let text = self.drawn.as_ref().map_or(shown, OpaqueToken::expose);
        self.cx.domain.sessions.form_token(text).map(|token| token.expose().to_owned()).unwrap_or_default()
    }

    /// The answer, with the text that the page's form is bound to, if the browser does not have it yet.
    pub(super) fn greeted(&self, mut response: HttpResponse) -> HttpResponse {
        let cookie = self.drawn.as_ref().and_then(|text| cookies::set(VISITOR_COOKIE, text.expose()));
        if let Some(cookie) = cookie {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }
}

impl Person {
    /// Whoever is logged in and asks for a page.
    pub(super) async fn of(cx: &Cx, site: &web::Data<Site>) -> Result<Self, Refusal> {
        check_address(cx, site)?;
        Self::recognised(cx).await
    }

    async fn recognised(cx: &Cx) -> Result<Self, Refusal> {
        let shown = cookies::read(cx, SESSION_COOKIE).ok_or(Refusal::SignedOut)?;
        let signed_in = cx.domain.sessions.authenticate(shown).await?;
        let form_token = cx.domain.sessions.form_token(shown).ok_or(SessionRefused::Ended)?;
        let person = Self { signed_in, form_token };
        cx.keep(person.named()); // For the frame of a refusal.
        Ok(person)
    }

    /// Whoever is logged in and sends a form, and what they typed.
    pub(super) async fn sending(
        cx: &Cx,
        site: &web::Data<Site>,
        form: Form,
    ) -> Result<(Self, Fields), Refusal> {
        check_address(cx, site)?;
        let fields = match proven(cx, site, SESSION_COOKIE, form) {
            Ok(fields) => fields,
            Err(refusal) => {
                // However that ends: the form is refused, and who is logged in is for the frame of that.
                let _ = Self::recognised(cx).await;
                return Err(refusal);
            }
        };
        Ok((Self::recognised(cx).await?, fields))
    }

    /// Whoever has just logged in.
    pub(super) fn new(cx: &Cx, begun: &BegunSession) -> Option<Self> {
        let form_token = cx.domain.sessions.form_token(begun.text.expose())?;
        Some(Self { signed_in: begun.signed_in.clone(), form_token })
    }

    /// What the layout shows.
    pub(super) fn frame(&self) -> Frame {
        let form_token = self.form_token.expose().to_owned();
        Frame { person: Some(self.named()), form_token, is_closed: false }
    }

    fn named(&self) -> Named {
        Named {
            name: self.signed_in.account.display_name.to_string(),
            form_token: self.form_token.expose().to_owned(),
        }
    }
}

/// Security: an address that is not ours gets no page, so that no other name leads a browser here (DNS rebinding) and no
/// page is made for one; and where browsers keep no cookie of ours nobody is asked for a password.
fn check_address(cx: &Cx, site: &Site) -> Result<(), Refusal> {
    let is_ours =
        site.origin.as_ref().is_some_and(|origin| cx.host().is_some_and(|host| origin.is_addressed_by(host)));
    if !is_ours {
        return Err(Refusal::Misdirected);
    }
    if site.keeps_cookies() { Ok(()) } else { Err(Refusal::NeedsHttps) }
}

/// The text of the session that a form ends, however that session stands: whoever is suspended may leave too.
pub(super) fn leaving<'a>(cx: &'a Cx, site: &web::Data<Site>, form: Form) -> Result<&'a str, Refusal> {
    check_address(cx, site)?;
    proven(cx, site, SESSION_COOKIE, form)?;
    cookies::read(cx, SESSION_COOKIE).ok_or(Refusal::SignedOut)
}

/// What was typed into a form of ours that was made for this browser.
///
/// Security: two proofs, of which either would do where the other fails: the browser's word for where the form came from,
/// and a token that follows from a cookie which no other site can read or set.
fn proven(cx: &Cx, site: &Site, cookie: &str, form: Form) -> Result<Fields, Refusal> {
    let fields = form.fields()?;
    if !is_from_here(cx, site) {
        return Err(Refusal::Foreign);
    }
    match cookies::read(cx, cookie) {
        Some(text) if cx.domain.sessions.is_form_of(text, fields.text(FORM_TOKEN)) => Ok(fields),
        // Whoever logged out elsewhere meanwhile logs in again.
        None if cookie == SESSION_COOKIE => Err(Refusal::SignedOut),
        Some(_) | None => Err(Refusal::Stale),
    }
}

/// On to another page of ours. The browser asks for it by `GET`, whatever it asked by now (RFC 9110, section 15.4.4); one
/// that does not has a link.
pub(super) fn see_other(place: &'static str) -> HttpResponse {
    let (title, text) = ("It is done", "Your browser should lead you on by itself.");
    let mut response = message(StatusCode::SEE_OTHER, title, text, Some((place, "Go on")));
    response.headers_mut().insert(LOCATION, HeaderValue::from_static(place));
    response
}
