//! Pages of a list: how many rows, behind which one, and how a client asks for the next.

use std::str::FromStr;

use actix_web::HttpResponse;
use keyward_domain::ids::AccountId;
use keyward_domain::time::Instant;
use serde::Serialize;

use super::error::Error;
use super::wire::{OwnedQuery, Page};
use crate::extract::Cx;

/// The most rows of a page.
pub(super) const MOST: u16 = 200;

/// A list that has pages. A cursor is good for the list that gave it, and for no other.
#[derive(Clone, Copy)]
pub(super) enum List {
    Accounts,
    Keys,
    Audit,
}

impl List {
    /// What a cursor is sealed for.
    const fn context(self) -> &'static [u8] {
        match self {
            Self::Accounts => b"keyward-cursor-1 accounts",
            Self::Keys => b"keyward-cursor-1 keys",
            Self::Audit => b"keyward-cursor-1 audit",
        }
    }
}

/// How many rows were asked for.
#[derive(Clone, Copy)]
pub(super) struct Limit(u16);

impl Limit {
    pub(super) fn read(cx: &Cx, text: Option<&str>) -> Result<Self, Error> {
        let Some(text) = text else {
            return Ok(Self(cx.admin.page_size.clamp(1, MOST)));
        };
        let number = text.parse().ok().filter(|number| (1..=MOST).contains(number));
        number.map(Self).ok_or_else(|| Error::invalid("limit", format_args!("must be 1 to {MOST}")))
    }

    /// One row more than the page has: whether it is there tells whether another page is.
    pub(super) const fn and_one(self) -> u16 {
        self.0 + 1
    }
}

/// A page of things that accounts own, as it was asked for.
pub(super) struct OwnedPage<I> {
    /// Whose things; everybody's, if nobody is named.
    pub(super) account: Option<AccountId>,
    pub(super) limit: Limit,
    /// Behind which one it begins.
    pub(super) after: Option<(Instant, I)>,
}

impl<I: FromStr> OwnedPage<I> {
    pub(super) fn read(cx: &Cx, list: List) -> Result<Self, Error> {
        let OwnedQuery { account, limit, cursor } =
            cx.parameters().map_err(|why| Error::invalid("the query", why))?;
        let limit = Limit::read(cx, limit.as_deref())?;
        let account = account.map(|text| text.parse()).transpose();
        let account = account.map_err(|_| Error::invalid("account", "is no id of an account"))?;
        Ok(Self { account, limit, after: after(cx, list, cursor.as_deref())? })
    }
}

/// The place behind which the page begins, if the request names one.
pub(super) fn after<I: FromStr>(
    cx: &Cx,
    list: List,
    cursor: Option<&str>,
) -> Result<Option<(Instant, I)>, Error> {
    let opened = |text| {
        cx.place(list.context(), text).ok_or_else(|| Error::invalid("cursor", "is not from this list"))
    };
    cursor.map(opened).transpose()
}

/// The page's answer. `rows` may hold the one that [`Limit::and_one`] asked for beyond it.
pub(super) fn answer<R, W: Serialize + for<'a> From<&'a R>>(
    cx: &Cx,
    list: List,
    limit: Limit,
    rows: &[R],
    place: impl Fn(&R) -> (Instant, String),
) -> HttpResponse {
    let shown = rows.get(..usize::from(limit.0)).unwrap_or(rows);
    let last = shown.last().filter(|_| shown.len() < rows.len());
    let next_cursor = last.map(|last| {
        let (at, id) = place(last);
        cx.cursor(list.context(), at, &id)
    });
    HttpResponse::Ok().json(Page { data: shown.iter().map(W::from).collect::<Vec<W>>(), next_cursor })
}
