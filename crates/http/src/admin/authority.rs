//! Who may use the admin API.

use keyward_domain::audit::Actor;
use keyward_domain::limits::LimitName;

use super::error::Error;
use crate::extract::Cx;

/// Whether an admin makes this request.
pub(crate) fn is_admin(cx: &Cx) -> bool {
    admin(cx).is_ok()
}

/// The admin who makes this request.
///
/// Security: only `Authorization: Bearer` counts. Two that differ name nobody, and what is missing, an account's key, a
/// token and a wrong key get one and the same answer, and take from one bucket of their network. A right key gets in
/// however many wrong ones came before it.
pub(super) fn admin(cx: &Cx) -> Result<Actor, Error> {
    let shown = cx.bearer().ok().flatten();
    let Some(name) = shown.and_then(|shown| cx.admin.authenticator.authenticate(shown.expose())) else {
        cx.take(LimitName::FailedAdminKeys)?;
        return Err(Error::Unauthorized);
    };
    Ok(Actor::Admin(name))
}
