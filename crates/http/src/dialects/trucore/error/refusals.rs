//! Everything that TruCore's clients are refused with: status, code and words.

use actix_web::http::StatusCode;

use super::Refusal;

pub(in super::super) const INVALID_API_KEY: Refusal<'_> =
    Refusal::of(StatusCode::UNAUTHORIZED, "unauthorized", "API key not found or invalid.");
// Said to nobody but who holds the agent's whole key.
pub(in super::super) const KEY_OF_ARCHIVED_AGENT: Refusal<'_> =
    Refusal::of(StatusCode::UNAUTHORIZED, "unauthorized", "Agent is archived.");
pub(in super::super) const NO_CREDENTIAL: Refusal<'_> =
    Refusal::of(StatusCode::UNAUTHORIZED, "unauthorized", "Authentication credentials are required.");
pub(in super::super) const WRONG_PASSWORD: Refusal<'_> =
    Refusal::of(StatusCode::UNAUTHORIZED, "invalid_credentials", "Invalid email or password.");
pub(in super::super) const INVALID_TOKEN: Refusal<'_> =
    Refusal::of(StatusCode::UNAUTHORIZED, "unauthorized", "JWT token is invalid.");
pub(in super::super) const TOKEN_NEEDED: Refusal<'_> = Refusal::of(
    StatusCode::UNAUTHORIZED,
    "unauthorized",
    "An API key does not open this: log in at /auth/login and send the JWT as a bearer token.",
);
pub(in super::super) const KEY_NEEDED: Refusal<'_> = Refusal::of(
    StatusCode::UNAUTHORIZED,
    "unauthorized",
    "A JWT does not open this: send an API key as X-API-Key.",
);
pub(in super::super) const CONTRADICTION: Refusal<'_> = Refusal::of(
    StatusCode::UNAUTHORIZED,
    "unauthorized",
    "The API key and the JWT belong to different accounts.",
);
pub(in super::super) const SUSPENDED: Refusal<'_> =
    Refusal::of(StatusCode::FORBIDDEN, "forbidden", "Account is suspended.");
pub(in super::super) const ARCHIVED: Refusal<'_> =
    Refusal::of(StatusCode::FORBIDDEN, "forbidden", "Account is archived.");
pub(in super::super) const EMAIL_DISPOSABLE: Refusal<'_> = Refusal::of(
    StatusCode::BAD_REQUEST,
    "disposable_email_blocked",
    "Disposable email addresses are not accepted.",
);
pub(in super::super) const EMAIL_TAKEN: Refusal<'_> =
    Refusal::of(StatusCode::CONFLICT, "email_already_exists", "An account with this email already exists.");
pub(in super::super) const APPROVAL_NEEDED: Refusal<'_> =
    Refusal::of(StatusCode::FORBIDDEN, "forbidden", "Registration needs an administrator's approval.");
pub(in super::super) const CLOSED: Refusal<'_> =
    Refusal::of(StatusCode::FORBIDDEN, "forbidden", "Registration is closed.");
pub(in super::super) const EMAIL_NOT_VERIFIED: Refusal<'_> =
    Refusal::of(StatusCode::FORBIDDEN, "email_not_verified", "Verify your email address first.");
pub(in super::super) const KEY_LIMIT_REACHED: Refusal<'_> = Refusal::of(
    StatusCode::FORBIDDEN,
    "key_limit_reached",
    "Your plan allows no more active API keys. Revoke one first.",
);
pub(in super::super) const SCOPE_MISSING: Refusal<'_> = Refusal::of(
    StatusCode::FORBIDDEN,
    "forbidden",
    "The credential lacks the scope that this endpoint needs.",
);
pub(in super::super) const SCOPE_NOT_HELD: Refusal<'_> = Refusal::of(
    StatusCode::FORBIDDEN,
    "forbidden",
    "An API key cannot have more scopes than the credential that manages it.",
);
// Security: one answer for keys that are unknown and somebody else's.
pub(in super::super) const KEY_NOT_FOUND: Refusal<'_> =
    Refusal::of(StatusCode::NOT_FOUND, "not_found", "API key not found.");
pub(in super::super) const KEY_NOT_ACTIVE: Refusal<'_> =
    Refusal::of(StatusCode::CONFLICT, "conflict", "The API key is not active. Nothing was done.");
pub(in super::super) const REPEATED_OTHERWISE: Refusal<'_> = Refusal::of(
    StatusCode::UNPROCESSABLE_ENTITY,
    "idempotency_key_reused",
    "The idempotency key was used for another request.",
);
pub(in super::super) const AGENT_NOT_YOURS: Refusal<'_> =
    Refusal::of(StatusCode::FORBIDDEN, "forbidden", "Agent does not belong to this account.");
pub(in super::super) const AGENTS_DO_NOT_MANAGE: Refusal<'_> =
    Refusal::of(StatusCode::FORBIDDEN, "forbidden", "This requires a credential of the whole account.");
pub(in super::super) const VERIFICATION_TOKEN_INVALID: Refusal<'_> = Refusal::of(
    StatusCode::BAD_REQUEST,
    "verification_token_invalid",
    "The verification link is invalid or was used already.",
);
pub(in super::super) const VERIFICATION_TOKEN_EXPIRED: Refusal<'_> = Refusal::of(
    StatusCode::BAD_REQUEST,
    "verification_token_expired",
    "The verification link has expired. Request a new one.",
);
pub(in super::super) const RESET_TOKEN_INVALID: Refusal<'_> = Refusal::of(
    StatusCode::BAD_REQUEST,
    "reset_token_invalid",
    "The reset link is invalid or was used already.",
);
pub(in super::super) const RESET_TOKEN_EXPIRED: Refusal<'_> = Refusal::of(
    StatusCode::BAD_REQUEST,
    "reset_token_expired",
    "The reset link has expired. Request a new one.",
);
pub(in super::super) const TOO_LARGE: Refusal<'_> = Refusal::of(
    StatusCode::PAYLOAD_TOO_LARGE,
    "payload_too_large",
    "The request body is larger than 64 KiB.",
);
pub(in super::super) const TOO_MANY: Refusal<'_> =
    Refusal::of(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", "Too many requests.");
pub(in super::super) const UNAVAILABLE: Refusal<'_> = Refusal::of(
    StatusCode::SERVICE_UNAVAILABLE,
    "service_unavailable",
    "The service is temporarily unavailable. Please retry.",
);
pub(in super::super) const INTERNAL: Refusal<'_> =
    Refusal::of(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "An unexpected error occurred.");
pub(in super::super) const NOT_FOUND: Refusal<'_> =
    Refusal::of(StatusCode::NOT_FOUND, "not_found", "Not Found");
pub(in super::super) const METHOD_NOT_ALLOWED: Refusal<'_> =
    Refusal::of(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method Not Allowed");
