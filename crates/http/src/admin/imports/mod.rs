//! `/admin/v1/imports`: what another system knew, in batches. `keyward import` cuts files into them.

mod keys;
mod openapi;
mod users;
mod wire;

pub(super) use keys::keys;
pub(super) use openapi::{import_keys, import_users};
pub(super) use users::users;

use actix_web::HttpResponse;
use keyward_domain::imports::{ImportMode, Imported};

use self::wire::{RefusedLine, Report};
use super::error::Error;
use crate::extract::{BodyError, Line};

/// The most lines of a batch: all of them are one transaction.
const MOST: usize = 1_000;

const fn mode(dry_run: bool) -> ImportMode {
    if dry_run { ImportMode::DryRun } else { ImportMode::Write }
}

/// The lines that can be read, each with its place, and why the others cannot.
fn read<W, T>(
    member: &'static str,
    lines: Vec<Line<W>>,
    into: impl Fn(W) -> Result<T, String>,
) -> Result<(Vec<(usize, T)>, Report), Error> {
    if lines.len() > MOST {
        return Err(Error::invalid(member, format_args!("has more than {MOST} lines")));
    }
    let (mut good, mut report) = (Vec::with_capacity(lines.len()), Report::default());
    for (index, Line(line)) in lines.into_iter().enumerate() {
        match line.map_err(said).and_then(&into) {
            Ok(read) => good.push((index, read)),
            Err(reason) => report.refused.push(RefusedLine { index, reason }),
        }
    }
    Ok((good, report))
}

/// What is wrong with a line that is none of ours. Security: by its member's name, never with its value.
fn said(why: BodyError) -> String {
    match why {
        BodyError::Missing(_) | BodyError::Repeated(_) | BodyError::WrongType(_) => why.to_string(),
        BodyError::Malformed | BodyError::TooLarge | BodyError::Incomplete | BodyError::NotJson => {
            "it is no JSON object".to_owned()
        }
    }
}

/// The whole report: what came of the lines that could be read, beside those that could not.
fn answer<R: ToString>(
    mut report: Report,
    places: impl Iterator<Item = usize>,
    outcomes: Vec<Imported<R>>,
) -> HttpResponse {
    for (index, outcome) in places.zip(outcomes) {
        match outcome {
            Imported::New => report.imported += 1,
            Imported::Present => report.present += 1,
            Imported::Refused(why) => report.refused.push(RefusedLine { index, reason: why.to_string() }),
        }
    }
    report.refused.sort_by_key(|line| line.index);
    HttpResponse::Ok().json(report)
}
