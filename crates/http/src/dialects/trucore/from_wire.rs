//! TruCore's JSON into domain commands: where wire types stop.

mod keys;

use keyward_domain::accounts::{
    DisplayName, DisposablePolicy, EmailAddress, NewPassword, Password, RegisterAccount, StartingBalance,
};
use keyward_domain::keys::AccountKeyStyle;
use keyward_domain::mail::TypedIdentity;
use keyward_domain::tokens::TokenProfile;

pub(super) use self::keys::*;
use super::error::Error;
use super::wire::{ConfirmReset, Login, MailedToken, RequestReset, Signup};
use crate::extract::SecretText;

/// The account is called by what stands before the `@`: this vendor asks for no name.
pub(super) fn signup(wire: &Signup, session: TokenProfile) -> Result<RegisterAccount, Error> {
    let address = email(&wire.email)?;
    let password = NewPassword::parse(wire.password.expose(), &[wire.email.as_str()]);
    Ok(RegisterAccount {
        display_name: DisplayName::of_address(&address),
        email: Some(address),
        password: Some(password.map_err(|why| Error::invalid("password", why))?),
        starting_balance: StartingBalance::default(),
        key_style: AccountKeyStyle { prefix: KEYS.live, login_prefix: None },
        first_agent: None,
        session: Some(session),
        disposable: DisposablePolicy::Refuse,
    })
}

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
