//! The portal's refusals: pages too, in words for people.

use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, LOCATION, RETRY_AFTER};
use actix_web::{HttpMessage, HttpResponse, ResponseError};
use keyward_domain::idempotency::IdempotencyError;
use keyward_domain::keys::ManageKeyError;
use keyward_domain::limits::Limited;
use keyward_domain::sessions::SessionRefused;
use keyward_domain::single_use::SingleUseTokenRefused;
use keyward_domain::store::StoreError;

use super::pages::{Frame, Message, Named, render};
use crate::extract::FormError;
use crate::fault::Fault;
use crate::limits;
use crate::problem::RETRY_AFTER_SECONDS;

/// Why there is no page, or another than was asked for. What is wrong with what somebody typed is no refusal: it is said
/// beside the field.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("addressed to another host")]
    Misdirected,
    #[error("browsers keep no cookie of ours")]
    NeedsHttps,
    #[error("nobody may sign up")]
    Closed,
    #[error("nobody is logged in")]
    SignedOut,
    #[error("the account is suspended")]
    Suspended,
    #[error("the form came from elsewhere")]
    Foreign,
    #[error("the form was made for another browser, or for another login")]
    Stale,
    #[error("the form was sent before, filled in otherwise")]
    SentBefore,
    #[error(transparent)]
    Form(#[from] FormError),
    #[error(transparent)]
    Link(#[from] SingleUseTokenRefused),
    #[error("there is no such key")]
    UnknownKey,
    #[error("the key is not active")]
    KeyNotActive,
    #[error("the plan allows no more keys")]
    NoMoreKeys,
    #[error("the address must be verified first")]
    AddressNotVerified,
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error("passwords cannot be hashed now")]
    Hashing,
    /// Nothing that the browser could help.
    #[error("{0}")]
    Broken(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SessionRefused> for Refusal {
    fn from(refused: SessionRefused) -> Self {
        match refused {
            SessionRefused::Ended => Self::SignedOut,
            SessionRefused::AccountSuspended => Self::Suspended,
            SessionRefused::Store(error) => Self::Store(error),
        }
    }
}

impl From<ManageKeyError> for Refusal {
    fn from(error: ManageKeyError) -> Self {
        match error {
            ManageKeyError::UnknownKey => Self::UnknownKey,
            ManageKeyError::LimitReached { .. } => Self::NoMoreKeys,
            ManageKeyError::AddressNotVerified => Self::AddressNotVerified,
            ManageKeyError::NotActive => Self::KeyNotActive,
            ManageKeyError::Ended => Self::SignedOut,
            ManageKeyError::Idempotency(error) => error.into(),
            // A session has all rights and is limited to no agent.
            ManageKeyError::LimitedToAgent(_)
            | ManageKeyError::ScopeNotHeld
            | ManageKeyError::AlreadyOver => Self::Broken(error.to_string()),
            ManageKeyError::Store(error) => Self::Store(error),
        }
    }
}

impl From<IdempotencyError> for Refusal {
    fn from(error: IdempotencyError) -> Self {
        match error {
            IdempotencyError::OtherBody => Self::SentBefore,
            IdempotencyError::Guessable => Self::Broken(error.to_string()),
            IdempotencyError::Store(error) => Self::Store(error),
        }
    }
}

const LOG_IN: Option<(&str, &str)> = Some(("/login", "Log in"));
const START: Option<(&str, &str)> = Some(("/dashboard", "To the dashboard"));

impl Refusal {
    /// Title, what to do about it, and where to go from there.
    const fn words(&self) -> (&'static str, &'static str, Option<(&'static str, &'static str)>) {
        match self {
            Self::Misdirected => (
                "Not at this address",
                "These pages are not at the address that your browser called. Use the one that you were given.",
                None,
            ),
            Self::NeedsHttps => (
                "Sign-in needs https",
                "This server is reached by plain http, over which browsers keep no login safe. Whoever runs it has to \
                 put it behind https. Its API answers all the same.",
                None,
            ),
            Self::Closed => (
                "Nobody can sign up here",
                "Whoever runs this server makes the accounts. Ask them for one.",
                LOG_IN,
            ),
            Self::SignedOut => ("You are not logged in", "Log in to go on.", LOG_IN),
            Self::Suspended => (
                "Your account is suspended",
                "Whoever runs this server has stopped it for now. Nothing of it is lost; when it is resumed, you can go \
                 on here.",
                None,
            ),
            Self::Foreign => (
                "This form came from elsewhere",
                "Your browser says that it was sent by another site, so nothing was done. Open the page here and send \
                 its form again.",
                START,
            ),
            Self::Stale => (
                "This form is out of date",
                "It was made before you logged in or out, or your browser keeps no cookies. Nothing was done. Open the \
                 page again and send its form once more.",
                START,
            ),
            Self::SentBefore => (
                "This form was sent before",
                "It was filled in otherwise then, and was answered. See what came of it; to do more, open its page again.",
                START,
            ),
            Self::Form(FormError::TooLarge) => {
                ("Too much text", "The form is larger than this server reads. Nothing was done.", START)
            }
            Self::Form(FormError::Unreadable) => (
                "This form is unreadable",
                "Nothing was done. Open the page again and send its form once more.",
                START,
            ),
            Self::Link(SingleUseTokenRefused::Unknown) => (
                "This link does not work",
                "It is incomplete, or a newer one was mailed since. Use the link in the newest mail, whole.",
                LOG_IN,
            ),
            Self::Link(SingleUseTokenRefused::Expired) => (
                "This link has expired",
                "Ask for another mail: links are good for a short time only.",
                LOG_IN,
            ),
            Self::Link(SingleUseTokenRefused::Used) => {
                ("This link was used", "Each link works once, and this one has done its work.", LOG_IN)
            }
            Self::UnknownKey => ("There is no such key", "Your account has no key of this address.", START),
            Self::KeyNotActive => (
                "This key has ended",
                "It was rotated or revoked, or its time is over. Only an active key is rotated.",
                START,
            ),
            Self::NoMoreKeys => (
                "No more keys",
                "Your plan allows no more keys at a time. Revoke one that you do not need.",
                START,
            ),
            Self::AddressNotVerified => (
                "Verify your address first",
                "Keys are changed once you have shown that your address is yours. Follow the link in the mail.",
                START,
            ),
            Self::Limited(_) => (
                "Too many requests",
                "There were too many of these from your network. Wait a little and try again.",
                None,
            ),
            Self::Hashing => {
                ("The server is busy", "Too many people log in just now. Try again in a moment.", None)
            }
            Self::Broken(_) | Self::Store(StoreError::Corrupt(_)) => BROKEN,
            Self::Store(StoreError::Busy | StoreError::Unavailable(_)) => AWAY,
        }
    }
}

const BROKEN: (&str, &str, Option<(&str, &str)>) = (
    "Something went wrong",
    "That was our fault. The log has the cause, under the id of this request.",
    None,
);
const AWAY: (&str, &str, Option<(&str, &str)>) =
    ("The server cannot answer now", "Nothing was decided. Try again in a moment.", None);

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::SignedOut => StatusCode::SEE_OTHER,
            Self::NeedsHttps
            | Self::Closed
            | Self::Suspended
            | Self::Foreign
            | Self::Stale
            | Self::AddressNotVerified => StatusCode::FORBIDDEN,
            Self::KeyNotActive | Self::NoMoreKeys | Self::SentBefore => StatusCode::CONFLICT,
            Self::Form(FormError::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Form(FormError::Unreadable) => StatusCode::BAD_REQUEST,
            Self::Link(SingleUseTokenRefused::Unknown) | Self::UnknownKey => StatusCode::NOT_FOUND,
            Self::Link(SingleUseTokenRefused::Expired | SingleUseTokenRefused::Used) => StatusCode::GONE,
            Self::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Hashing | Self::Store(StoreError::Busy | StoreError::Unavailable(_)) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Broken(_) | Self::Store(StoreError::Corrupt(_)) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let (title, text, link) = self.words();
        let mut response = message(self.status_code(), title, text, link);
        if let Self::SignedOut = self {
            // Always to the same place: a place to go back to, taken from the request, would lead anywhere.
            response.headers_mut().insert(LOCATION, SIGNED_OUT);
        }
        if let Self::Limited(limited) = self {
            limits::refuse(response.headers_mut(), limited);
        }
        response
    }
}

const SIGNED_OUT: HeaderValue = HeaderValue::from_static("/login?notice=signed-out");

/// What comes of no page at all.
pub(crate) fn fault(fault: Fault) -> HttpResponse {
    let (title, text, link) = match fault {
        Fault::NotFound => ("There is no such page", "Look at its address again.", START),
        Fault::MethodNotAllowed => ("This page cannot be asked so", "Open it by its address.", START),
        Fault::Internal => BROKEN,
        Fault::Limited(limited) => return Refusal::Limited(limited).error_response(),
        Fault::Unavailable => AWAY,
    };
    message(fault.status(), title, text, link)
}

/// A page that says something, in a frame that knows nobody yet: see [`reframe`].
pub(super) fn message(
    status: StatusCode,
    title: &'static str,
    text: &'static str,
    link: Option<(&'static str, &'static str)>,
) -> HttpResponse {
    let mut response = render(status, &Message { frame: Frame::default(), title, text, link });
    response.extensions_mut().insert(Unframed { title, text, link });
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let seconds = HeaderValue::from_static(RETRY_AFTER_SECONDS);
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    response
}

/// What a [`message`] says.
#[derive(Clone, Copy)]
struct Unframed {
    title: &'static str,
    text: &'static str,
    link: Option<(&'static str, &'static str)>,
}

/// Puts a [`message`] into the frame of whoever asked. A refusal is rendered where nothing is known of its request.
pub(super) fn reframe(response: &mut ServiceResponse<BoxBody>, is_closed: bool) {
    let Some(Unframed { title, text, link }) = response.response().extensions().get::<Unframed>().copied()
    else {
        return;
    };
    let person = response.request().extensions().get::<Named>().cloned();
    let frame = Frame { person, is_closed, form_token: String::new() };
    let framed = render(response.status(), &Message { frame, title, text, link }).into_body();
    let bare = std::mem::replace(response.response_mut(), HttpResponse::new(StatusCode::OK));
    *response.response_mut() = bare.set_body(framed);
}
