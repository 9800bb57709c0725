//! Everything that TradeReady's clients are refused with: status, code and words.

use actix_web::http::StatusCode;

use super::Refusal;

pub(in super::super) const INVALID_API_KEY: Refusal<'_> =
    Refusal::of(StatusCode::UNAUTHORIZED, "INVALID_API_KEY", "API key not found or invalid.");
// Said to nobody but who holds the agent's whole key.
pub(in super::super) const KEY_OF_ARCHIVED_AGENT: Refusal<'_> =
    Refusal::of(StatusCode::UNAUTHORIZED, "INVALID_API_KEY", "Agent is archived.");
pub(in super::super) const NO_CREDENTIAL: Refusal<'_> =
    Refusal::of(StatusCode::UNAUTHORIZED, "INVALID_API_KEY", "Authentication credentials are required.");
pub(in super::super) const WRONG_SECRET: Refusal<'_> =
    Refusal::of(StatusCode::UNAUTHORIZED, "INVALID_TOKEN", "API secret is invalid.");
pub(in super::super) const WRONG_PASSWORD: Refusal<'_> =
    Refusal::of(StatusCode::UNAUTHORIZED, "INVALID_TOKEN", "Invalid email or password.");
pub(in super::super) const INVALID_TOKEN: Refusal<'_> =
    Refusal::of(StatusCode::UNAUTHORIZED, "INVALID_TOKEN", "JWT token is invalid.");
pub(in super::super) const SUSPENDED: Refusal<'_> =
    Refusal::of(StatusCode::FORBIDDEN, "ACCOUNT_SUSPENDED", "Account is suspended.");
// One code for both: "Account is suspended or archived" (the document's table of login errors).
pub(in super::super) const ARCHIVED: Refusal<'_> =
    Refusal::of(StatusCode::FORBIDDEN, "ACCOUNT_SUSPENDED", "Account is archived.");
pub(in super::super) const ACCOUNT_NOT_FOUND: Refusal<'_> =
    Refusal::of(StatusCode::NOT_FOUND, "ACCOUNT_NOT_FOUND", "No account owns the provided API key.");
pub(in super::super) const DUPLICATE: Refusal<'_> =
    Refusal::of(StatusCode::CONFLICT, "DUPLICATE_ACCOUNT", "An account with this email already exists.");
pub(in super::super) const APPROVAL_NEEDED: Refusal<'_> = Refusal::of(
    StatusCode::FORBIDDEN,
    "PERMISSION_DENIED",
    "Registration needs an administrator's approval.",
);
pub(in super::super) const CLOSED: Refusal<'_> =
    Refusal::of(StatusCode::FORBIDDEN, "PERMISSION_DENIED", "Registration is closed.");
pub(in super::super) const AGENT_NOT_YOURS: Refusal<'_> =
    Refusal::of(StatusCode::FORBIDDEN, "PERMISSION_DENIED", "Agent does not belong to this account.");
pub(in super::super) const TOKEN_NEEDED: Refusal<'_> = Refusal::of(
    StatusCode::FORBIDDEN,
    "PERMISSION_DENIED",
    "Agent management requires a JWT: exchange your API key and secret at /api/v1/auth/login.",
);
pub(in super::super) const CONTRADICTION: Refusal<'_> = Refusal::of(
    StatusCode::FORBIDDEN,
    "PERMISSION_DENIED",
    "The API key and the JWT belong to different accounts.",
);
pub(in super::super) const SCOPE_MISSING: Refusal<'_> = Refusal::of(
    StatusCode::FORBIDDEN,
    "PERMISSION_DENIED",
    "The API key lacks the scope that this endpoint needs.",
);
pub(in super::super) const AGENTS_DO_NOT_MANAGE: Refusal<'_> = Refusal::of(
    StatusCode::FORBIDDEN,
    "PERMISSION_DENIED",
    "Agent management requires a credential of the whole account.",
);
// Security: one answer for agents that are unknown, deleted and somebody else's.
pub(in super::super) const AGENT_NOT_FOUND: Refusal<'_> =
    Refusal::of(StatusCode::NOT_FOUND, "AGENT_NOT_FOUND", "Agent not found.");
pub(in super::super) const AGENT_ARCHIVED: Refusal<'_> =
    Refusal::of(StatusCode::CONFLICT, "CONFLICT", "Agent is archived.");
pub(in super::super) const OVERTAKEN: Refusal<'_> = Refusal::of(
    StatusCode::CONFLICT,
    "CONFLICT",
    "The agent's API key was changed by another request. Nothing was done.",
);
pub(in super::super) const KEY_NOT_RECOVERABLE: Refusal<'_> = Refusal::of(
    StatusCode::GONE,
    "API_KEY_NOT_RECOVERABLE",
    "API keys are shown once and cannot be recovered. Regenerate the key to get a new one.",
);
pub(in super::super) const TOO_LARGE: Refusal<'_> = Refusal::of(
    StatusCode::PAYLOAD_TOO_LARGE,
    "PAYLOAD_TOO_LARGE",
    "The request body is larger than 64 KiB.",
);
pub(in super::super) const TOO_MANY: Refusal<'_> =
    Refusal::of(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMIT_EXCEEDED", "Too many requests.");
pub(in super::super) const UNAVAILABLE: Refusal<'_> = Refusal::of(
    StatusCode::SERVICE_UNAVAILABLE,
    "SERVICE_UNAVAILABLE",
    "The service is temporarily unavailable. Please retry.",
);
pub(in super::super) const INTERNAL: Refusal<'_> =
    Refusal::of(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", "An unexpected error occurred.");
pub(in super::super) const NOT_FOUND: Refusal<'_> =
    Refusal::of(StatusCode::NOT_FOUND, "NOT_FOUND", "Not Found");
pub(in super::super) const METHOD_NOT_ALLOWED: Refusal<'_> =
    Refusal::of(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "Method Not Allowed");
