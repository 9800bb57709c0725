//! Who may use the admin API.

use keyward_domain::audit::Actor;

use super::error::Error;
use crate::extract::Cx;

/// Whether an admin makes this request.
pub(crate) fn is_admin(cx: &Cx) -> bool {
    admin(cx).is_ok()
}

/// The admin who makes this request.
///
/// Security: only `Authorization: Bearer` counts. Two that differ name nobody, and what is missing, an account's key, a
/// token and a wrong key get one and the same answer.
pub(super) fn admin(cx: &Cx) -> Result<Actor, Error> {
    let shown = cx.bearer().map_err(|_| Error::Unauthorized)?.ok_or(Error::Unauthorized)?;
    let name = cx.admin.authenticator.authenticate(shown.expose()).ok_or(Error::Unauthorized)?;
    Ok(Actor::Admin(name))
}
