//! TradeReady's JSON into domain commands: where wire types stop.

mod agents;

use keyward_domain::accounts::{
    DisplayName, DisposablePolicy, EmailAddress, NewPassword, Password, RegisterAccount, StartingBalance,
};
use keyward_domain::keys::{AccountKeyStyle, KeyPrefix};
use keyward_domain::mail::TypedIdentity;

pub(super) use self::agents::*;
use super::error::Error;
use super::wire::{Decimal, ForgotPassword, Login, Register, ResetPassword, UserLogin, VerifyEmail};
use crate::extract::SecretText;

/// What an account's and an agent's keys begin with.
const KEY: KeyPrefix = KeyPrefix::from_static("ak_live_");
/// What an account key's second secret begins with.
const SECRET: KeyPrefix = KeyPrefix::from_static("sk_live_");

pub(super) fn register(wire: Register) -> Result<RegisterAccount, Error> {
    let display_name =
        DisplayName::parse(&wire.display_name).map_err(|why| Error::invalid("display_name", why))?;
    let email = wire.email.as_deref().map(email).transpose()?;
    let known = [wire.display_name.as_str(), wire.email.as_deref().unwrap_or_default()];
    let new_password = |chosen: SecretText| {
        NewPassword::parse(chosen.expose(), &known).map_err(|why| Error::invalid("password", why))
    };
    Ok(RegisterAccount {
        display_name,
        email,
        password: wire.password.map(new_password).transpose()?,
        starting_balance: wire.starting_balance.map(starting_balance).transpose()?.unwrap_or_default(),
        key_style: AccountKeyStyle { prefix: KEY, login_prefix: Some(SECRET) },
        first_agent: Some(KEY),
        // The document knows no such refusal.
        disposable: DisposablePolicy::Allow,
        session: None,
    })
}

pub(super) fn login(wire: Login) -> Result<(SecretText, SecretText), Error> {
    if wire.api_key.expose().is_empty() {
        return Err(Error::invalid("api_key", "is empty"));
    }
    if wire.api_secret.expose().is_empty() {
        return Err(Error::invalid("api_secret", "is empty"));
    }
    Ok((wire.api_key, wire.api_secret))
}

pub(super) fn user_login(wire: UserLogin) -> Result<(EmailAddress, Password), Error> {
    let password = Password::parse(wire.password.expose()).map_err(|why| Error::invalid("password", why))?;
    Ok((email(&wire.email)?, password))
}

pub(super) fn forgot_password(wire: ForgotPassword) -> Result<TypedIdentity, Error> {
    TypedIdentity::parse(wire.username.expose()).map_err(|why| Error::invalid("username", why))
}

/// The password is read by the use case, which knows what else it must not be.
pub(super) fn reset_password(wire: ResetPassword) -> Result<(SecretText, SecretText), Error> {
    Ok((mailed_token(wire.token)?, wire.new_password))
}

pub(super) fn verify_email(wire: VerifyEmail) -> Result<SecretText, Error> {
    mailed_token(wire.token)
}

fn mailed_token(token: SecretText) -> Result<SecretText, Error> {
    if token.expose().is_empty() { Err(Error::invalid("token", "is empty")) } else { Ok(token) }
}

fn email(text: &str) -> Result<EmailAddress, Error> {
    EmailAddress::parse(text).map_err(|why| Error::invalid("email", why))
}

fn starting_balance(wire: Decimal) -> Result<StartingBalance, Error> {
    let read = match wire {
        Decimal::Text(text) => StartingBalance::parse(&text),
        Decimal::Number(digits) => StartingBalance::parse_number(&digits),
    };
    read.map_err(|why| Error::invalid("starting_balance", why))
}
