//! What somebody typed into a form: read into the domain's types, or what is wrong with it, beside its field.

use std::time::Duration;

use keyward_domain::accounts::{
    Account, DisplayName, DisposablePolicy, EmailAddress, NewPassword, Password, RegisterAccount,
    StartingBalance, WeakPassword,
};
use keyward_domain::keys::{AccountKeyStyle, CreateKey, Grace, KeyLabel, KeyPrefix, KeyPrefixes, KeyPurpose};
use keyward_domain::mail::TypedIdentity;
use keyward_domain::scope::{Scope, Scopes};
use keyward_domain::time::Instant;

use crate::extract::Fields;

/// What keys that are made here begin with.
pub(super) const KEY_PREFIXES: KeyPrefixes =
    KeyPrefixes { live: KeyPrefix::from_static("kw_live_"), sandbox: KeyPrefix::from_static("kw_test_") };

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
            key_style: AccountKeyStyle { prefix: KEY_PREFIXES.live, login_prefix: None },
            first_agent: None,
            session: None,
            disposable: DisposablePolicy::Refuse,
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

/// The present password and another one for this account, or everything that is wrong with what was typed.
pub(super) fn change_password(
    fields: &Fields,
    account: &Account,
) -> Result<(Password, NewPassword), Problems> {
    let email = account.email.as_ref().map_or("", |email| email.address.as_typed());
    let present = Password::parse(fields.text("present"))
        .map_err(|_| Problem::new("present", "Enter your present password."));
    let chosen = NewPassword::parse(fields.text("password"), &[account.display_name.as_str(), email])
        .map_err(|why| Problem::weak("password", why));
    match (present, chosen) {
        (Ok(present), Ok(chosen)) => Ok((present, chosen)),
        (present, chosen) => Err([present.err(), chosen.err()].into_iter().flatten().collect()),
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

/// In how many days a key may end by itself, besides never.
pub(super) const LIFETIMES: [u16; 4] = [7, 30, 90, 365];
/// The one of them that is chosen for whoever chooses none.
pub(super) const USUAL_LIFETIME: &str = "90";

/// For how many seconds a rotated key may stay good, and how that is said.
pub(super) const GRACES: [(u64, &str); 3] =
    [(0, "At once"), (60 * 60, "After an hour"), (24 * 60 * 60, "After a day")];

/// A new key, or everything that is wrong with it.
pub(super) fn new_key(fields: &Fields, now: Instant) -> Result<CreateKey, Problems> {
    let label = KeyLabel::parse(fields.text("label"))
        .map_err(|_| Problem::new("label", "Use 64 ordinary characters at most."));
    let purpose = fields.text("purpose").parse::<KeyPurpose>();
    let purpose = purpose.map_err(|_| Problem::new("purpose", "Choose one of these."));
    let expires_at = end(fields.text("expires"), now);
    let scopes = scopes(fields);
    match (label, purpose, expires_at, scopes) {
        (Ok(label), Ok(purpose), Ok(expires_at), Ok(scopes)) => {
            Ok(CreateKey { label, scopes, purpose, expires_at, prefixes: KEY_PREFIXES })
        }
        (label, purpose, expires_at, scopes) => {
            let problems = [label.err(), purpose.err(), expires_at.err(), scopes.err()];
            Err(problems.into_iter().flatten().collect())
        }
    }
}

fn end(chosen: &str, now: Instant) -> Result<Option<Instant>, Problem> {
    if chosen == "never" {
        return Ok(None);
    }
    let days = chosen.parse().ok().filter(|days| LIFETIMES.contains(days));
    let days = days.ok_or(Problem::new("expires", "Choose one of these."))?;
    Ok(Some(now.saturating_add(Duration::from_secs(u64::from(days) * 24 * 60 * 60))))
}

fn scopes(fields: &Fields) -> Result<Scopes, Problem> {
    const NONE: Problem = Problem::new("access", "Choose all rights, or at least one of them.");
    const BOTH: Problem = Problem::new(
        "access",
        "You have ticked some rights and chosen all. Choose \"Only these\", or untick them.",
    );
    let chosen: Vec<&str> = fields.all("scope").collect();
    match (fields.text("access"), chosen.is_empty()) {
        ("all", true) => Ok(Scopes::ALL),
        // Security: the narrower one is not guessed, and the wider one is not given.
        ("all", false) => Err(BOTH),
        ("some", false) => {
            let scopes: Result<Vec<Scope>, _> = chosen.into_iter().map(str::parse).collect();
            scopes.map(Scopes::of).map_err(|_| NONE)
        }
        _ => Err(NONE),
    }
}

/// How long a rotated key stays good.
pub(super) fn grace(fields: &Fields) -> Option<Grace> {
    let seconds = fields.text("grace").parse().ok()?;
    Grace::from_seconds(seconds).ok().filter(|_| GRACES.iter().any(|(known, _)| *known == seconds))
}
