//! What somebody typed into a form: read into the domain's types, or what is wrong with it, beside its field.

use keyward_domain::accounts::{
    DisplayName, EmailAddress, NewPassword, Password, RegisterAccount, StartingBalance, WeakPassword,
};
use keyward_domain::keys::{AccountKeyStyle, KeyPrefix};
use keyward_domain::mail::TypedIdentity;

use crate::extract::Fields;

/// What the keys of accounts that sign up here begin with.
pub(super) const LIVE_KEY: KeyPrefix = KeyPrefix::from_static("kw_live_");

/// What is wrong with a field.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) field: &'static str,
    pub(super) text: &'static str,
}

/// Everything that is wrong with a form.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// Whether any of them is with this field.
    pub(super) fn concern(&self, field: &str) -> bool {
        self.iter().any(|problem| problem.field == field)
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl FromIterator<Problem> for Problems {
    fn from_iter<I: IntoIterator<Item = Problem>>(problems: I) -> Self {
        Self(problems.into_iter().collect())
    }
}

impl Problem {
    pub(super) const fn new(field: &'static str, text: &'static str) -> Self {
        Self { field, text }
    }

    /// A chosen password that may not be.
    pub(super) const fn weak(field: &'static str, why: WeakPassword) -> Self {
        let text = match why {
            WeakPassword::TooShort => "Use 8 characters at least.",
            WeakPassword::TooLong => "Use 128 characters at most.",
            WeakPassword::Guessable => {
                "This password is among the first that anybody would try. Choose another."
            }
        };
        Self::new(field, text)
    }
}

const NO_ADDRESS: Problem = Problem::new("email", "Enter an e-mail address, such as ada@example.com.");

/// A new account, or everything that is wrong with it.
pub(super) fn signup(fields: &Fields) -> Result<RegisterAccount, Problems> {
    let (typed_name, typed_email) = (fields.text("name"), fields.text("email"));
    let name = DisplayName::parse(typed_name)
        .map_err(|_| Problem::new("name", "Enter a name of 1 to 64 ordinary characters."));
    let email = EmailAddress::parse(typed_email).map_err(|_| NO_ADDRESS);
    let password = NewPassword::parse(fields.text("password"), &[typed_name, typed_email])
        .map_err(|why| Problem::weak("password", why));
    match (name, email, password) {
        (Ok(display_name), Ok(email), Ok(password)) => Ok(RegisterAccount {
            display_name,
            email: Some(email),
            password: Some(password),
            starting_balance: StartingBalance::default(),
            key_style: AccountKeyStyle { prefix: LIVE_KEY, login_prefix: None },
            first_agent: None,
        }),
        (name, email, password) => {
            Err([name.err(), email.err(), password.err()].into_iter().flatten().collect())
        }
    }
}

/// Who logs in, or everything that is wrong with what was typed.
pub(super) fn login(fields: &Fields) -> Result<(EmailAddress, Password), Problems> {
    let email = EmailAddress::parse(fields.text("email")).map_err(|_| NO_ADDRESS);
    let password = Password::parse(fields.text("password"))
        .map_err(|_| Problem::new("password", "Enter your password."));
    match (email, password) {
        (Ok(email), Ok(password)) => Ok((email, password)),
        (email, password) => Err([email.err(), password.err()].into_iter().flatten().collect()),
    }
}

/// Who has forgotten a password.
pub(super) fn forgot(fields: &Fields) -> Result<TypedIdentity, Problems> {
    let typed = fields.text("email");
    // Its form is checked, and nothing else: whether there is such an account nobody is told.
    let is_address = EmailAddress::parse(typed).is_ok();
    let identity = TypedIdentity::parse(typed).ok().filter(|_| is_address);
    identity.ok_or_else(|| NO_ADDRESS.into())
}
