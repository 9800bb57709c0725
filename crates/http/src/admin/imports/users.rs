//! `/admin/v1/imports/users`: accounts of another system.

use actix_web::HttpResponse;
use keyward_domain::accounts::{DisplayName, EmailAddress, PasswordHash, Plan};
use keyward_domain::imports::{ForeignAccount, Import};
use keyward_domain::time::{Instant, InvalidInstant};

use super::wire::{ForeignUser, ImportUsers};
use super::{answer, mode, read};
use crate::admin::authority::admin;
use crate::admin::error::Error;
use crate::extract::{Body, Cx};

pub(in crate::admin) async fn users(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let actor = admin(&cx)?;
    let ImportUsers { dry_run, users } = body.json()?;
    let (users, report) = read("users", users, account)?;
    let (places, accounts): (Vec<usize>, Vec<ForeignAccount>) = users.into_iter().unzip();
    let import = Import { mode: mode(dry_run), actor: &actor, context: &cx.context() };
    let outcomes = cx.domain.imports.accounts(&accounts, import).await?;
    Ok(answer(report, places.into_iter(), outcomes))
}

fn account(wire: ForeignUser) -> Result<ForeignAccount, String> {
    let email = EmailAddress::parse(&wire.email).map_err(|why| format!("email {why}"))?;
    let display_name = match wire.display_name {
        Some(name) => DisplayName::parse(&name).map_err(|why| format!("display_name {why}"))?,
        None => DisplayName::of_address(&email),
    };
    let plan = wire.plan.map(|plan| plan.parse().map_err(|_| "plan is none of free, pro and enterprise"));
    Ok(ForeignAccount {
        email_verified: wire.email_verified.unwrap_or(false),
        display_name,
        password: wire.password_hash.map(|hash| PasswordHash::new(hash.expose().to_owned())),
        plan: plan.transpose()?.unwrap_or(Plan::Free),
        created_at: wire.created_at.map(|text| moment("created_at", &text)).transpose()?,
        email,
    })
}

/// A moment, or why the member has none.
pub(super) fn moment(member: &str, text: &str) -> Result<Instant, String> {
    text.parse().map_err(|why: InvalidInstant| format!("{member} {why}"))
}
