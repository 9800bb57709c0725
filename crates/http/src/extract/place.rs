//! The place in a list that a client carries from page to page.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keyward_domain::time::Instant;

use super::Cx;

impl Cx {
    /// The cursor of what stands in the list at this moment, under this id.
    pub(crate) fn cursor(&self, list: &[u8], at: Instant, id: &str) -> String {
        let place = format!("{} {id}", at.unix_micros());
        URL_SAFE_NO_PAD.encode(self.cursors.seal(place.as_bytes(), list))
    }

    /// The place that a cursor stands for.
    ///
    /// Security: a cursor is sealed. What another list, another deployment or a person has made is no place.
    pub(crate) fn place<I: FromStr>(&self, list: &[u8], cursor: &str) -> Option<(Instant, I)> {
        let sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let opened = self.cursors.open(&sealed, list).ok()?;
        let (micros, id) = std::str::from_utf8(opened.expose()).ok()?.split_once(' ')?;
        Some((Instant::from_unix_micros(micros.parse().ok()?).ok()?, id.parse().ok()?))
    }
}
