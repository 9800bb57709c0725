//! TruCore's JSON into domain commands: where wire types stop.

use keyward_domain::accounts::{EmailAddress, Password};
use keyward_domain::mail::TypedIdentity;

use super::error::Error;
use super::wire::{ConfirmReset, Login, MailedToken, RequestReset};
use crate::extract::SecretText;

pub(super) fn login(wire: Login) -> Result<(EmailAddress, Password), Error> {
    let password = Password::parse(wire.password.expose()).map_err(|why| Error::invalid("password", why))?;
    Ok((email(&wire.email)?, password))
}

/// A text that is no token is unknown, as any that nobody was mailed.
pub(super) fn mailed_token(wire: MailedToken) -> SecretText {
    wire.token
}

/// The use case would take a display name too; this vendor's clients ask for an address.
pub(super) fn request_reset(wire: &RequestReset) -> Result<TypedIdentity, Error> {
    let typed = wire.email.expose();
    email(typed)?;
    TypedIdentity::parse(typed).map_err(|why| Error::invalid("email", why))
}

/// The password is read by the use case, which knows what else it must not be.
pub(super) fn confirm_reset(wire: ConfirmReset) -> (SecretText, SecretText) {
    (wire.token, wire.new_password)
}

fn email(text: &str) -> Result<EmailAddress, Error> {
    EmailAddress::parse(text).map_err(|why| Error::invalid("email", why))
}
