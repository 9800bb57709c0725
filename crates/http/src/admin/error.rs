//! The admin API's refusals, as problem details (RFC 9457).

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use keyward_domain::accounts::{AdministerAccountError, ChangeStatusError, RegisterAccountError};
use keyward_domain::backups::BeginBackupError;
use keyward_domain::deployment::{RotateMasterKeyError, VaultError};
use keyward_domain::idempotency::{IdempotencyError, InvalidIdempotencyKey};
use keyward_domain::imports::ImportKeysError;
use keyward_domain::keys::RevokeKeyError;
use keyward_domain::limits::Limited;
use keyward_domain::store::StoreError;
use keyward_domain::tokens::RotateSigningKeysError;

use crate::extract::BodyError;
use crate::problem::{problem, too_many};

/// What whoever shows no admin key is told, on any surface.
pub(crate) fn unauthorized() -> HttpResponse {
    Error::Unauthorized.error_response()
}

/// What whoever imports keys is told where these would be refused when they are shown.
pub(super) const FOREIGN_KEYS_REFUSED: &str =
    "Keys of other systems are not accepted here: set keys.accept_imported in keyward.toml.";

/// What the second one is told who wants a backup at the same time.
pub(super) const BACKUP_UNDER_WAY: &str = "A backup is being made already. Try again when it is done.";

/// What is said of backups where the database is PostgreSQL's.
pub(super) const BACKED_UP_BY_ITS_OWN_TOOLS: &str = "The database is PostgreSQL's: back it up with pg_dump and restore it \
    with pg_restore, as docs/operating.md shows.";

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("An admin key is needed.")]
    Unauthorized,
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error("There is no such account.")]
    NoAccount,
    #[error("There is no such key.")]
    NoKey,
    #[error("{0}")]
    Body(#[from] BodyError),
    #[error("{field} {why}")]
    Invalid { field: &'static str, why: String },
    #[error(transparent)]
    InvalidIdempotencyKey(#[from] InvalidIdempotencyKey),
    #[error(transparent)]
    Register(#[from] RegisterAccountError),
    #[error(transparent)]
    ChangeStatus(#[from] ChangeStatusError),
    #[error(transparent)]
    Administer(#[from] AdministerAccountError),
    #[error(transparent)]
    RevokeKey(#[from] RevokeKeyError),
    #[error(transparent)]
    ImportKeys(#[from] ImportKeysError),
    #[error(transparent)]
    RotateSigningKeys(#[from] RotateSigningKeysError),
    #[error(transparent)]
    RotateMasterKey(#[from] RotateMasterKeyError),
    #[error("a task has panicked")]
    CutShort,
    #[error(transparent)]
    BeginBackup(#[from] BeginBackupError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    pub(super) fn invalid(field: &'static str, why: impl fmt::Display) -> Self {
        Self::Invalid { field, why: why.to_string() }
    }

    /// Status and what the caller is told. Of a failure of ours only the log has the cause.
    fn refusal(&self) -> (StatusCode, Option<String>) {
        match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, Some(self.to_string())),
            Self::Limited(_) => (StatusCode::TOO_MANY_REQUESTS, None),
            Self::NoAccount
            | Self::ChangeStatus(ChangeStatusError::UnknownAccount)
            | Self::Administer(AdministerAccountError::UnknownAccount) => {
                (StatusCode::NOT_FOUND, Some(Self::NoAccount.to_string()))
            }
            Self::NoKey | Self::RevokeKey(RevokeKeyError::UnknownKey) => {
                (StatusCode::NOT_FOUND, Some(Self::NoKey.to_string()))
            }
            Self::Body(BodyError::TooLarge) => (StatusCode::PAYLOAD_TOO_LARGE, Some(self.to_string())),
            Self::Body(
                BodyError::Incomplete
                | BodyError::NotJson
                | BodyError::Malformed
                | BodyError::Missing(_)
                | BodyError::Repeated(_)
                | BodyError::WrongType(_),
            )
            | Self::Invalid { .. }
            | Self::Register(RegisterAccountError::Idempotency(
                IdempotencyError::OtherBody | IdempotencyError::Guessable,
            )) => (StatusCode::UNPROCESSABLE_ENTITY, Some(self.to_string())),
            Self::InvalidIdempotencyKey(why) => {
                (StatusCode::UNPROCESSABLE_ENTITY, Some(format!("Idempotency-Key {why}")))
            }
            Self::ChangeStatus(ChangeStatusError::Archived(_)) => {
                (StatusCode::CONFLICT, Some("The account is archived, for good.".to_owned()))
            }
            Self::ImportKeys(ImportKeysError::NotAccepted) => {
                (StatusCode::CONFLICT, Some(FOREIGN_KEYS_REFUSED.to_owned()))
            }
            Self::RotateMasterKey(
                refused @ (RotateMasterKeyError::UnderWay
                | RotateMasterKeyError::RunsByTheOldKey
                | RotateMasterKeyError::RunsByTheNewKey
                | RotateMasterKeyError::PlaceTaken(_)
                | RotateMasterKeyError::Retired(_)
                | RotateMasterKeyError::Vault(VaultError::NotThere(_) | VaultError::Unusable(_))),
            ) => (StatusCode::CONFLICT, Some(sentence(refused))),
            Self::BeginBackup(BeginBackupError::UnderWay) => {
                (StatusCode::CONFLICT, Some(BACKUP_UNDER_WAY.to_owned()))
            }
            Self::BeginBackup(BeginBackupError::ItsOwnTools) => {
                (StatusCode::CONFLICT, Some(BACKED_UP_BY_ITS_OWN_TOOLS.to_owned()))
            }
            Self::Register(
                RegisterAccountError::Store(error)
                | RegisterAccountError::Idempotency(IdempotencyError::Store(error)),
            )
            | Self::ChangeStatus(ChangeStatusError::Store(error))
            | Self::Administer(AdministerAccountError::Store(error))
            | Self::RevokeKey(RevokeKeyError::Store(error))
            | Self::ImportKeys(ImportKeysError::Store(error))
            | Self::RotateSigningKeys(RotateSigningKeysError::Store(error))
            | Self::RotateMasterKey(RotateMasterKeyError::Store(error))
            | Self::BeginBackup(BeginBackupError::Store(error))
            | Self::Store(error) => (store(error), None),
            // An organization has neither an address nor a password, and no token goes with it.
            Self::Register(
                RegisterAccountError::EmailTaken
                | RegisterAccountError::DisposableEmail
                | RegisterAccountError::Password(_)
                | RegisterAccountError::Signing(_),
            )
            | Self::RotateSigningKeys(RotateSigningKeysError::NotMade(_))
            | Self::RotateMasterKey(RotateMasterKeyError::Vault(VaultError::Machine(_)))
            | Self::CutShort => (StatusCode::INTERNAL_SERVER_ERROR, None),
        }
    }
}

/// The domain's words, as a sentence.
fn sentence(why: &impl fmt::Display) -> String {
    let text = why.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

const fn store(error: &StoreError) -> StatusCode {
    match error {
        StoreError::Busy | StoreError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        StoreError::Corrupt(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.refusal().0
    }

    fn error_response(&self) -> HttpResponse {
        if let Self::Limited(limited) = self {
            return too_many(limited);
        }
        let (status, detail) = self.refusal();
        let mut response = problem(status, detail.as_deref());
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
