//! Everything that Agora's clients are refused with: status, code, words, and the reason of a 401.

use actix_web::http::StatusCode;

use super::Refusal;

pub(in super::super) const MISSING_HEADER: Refusal<'_> = Refusal::unauthorized(
    "missing_header",
    "Authentication is required: send an Authorization header with a bearer token.",
);
pub(in super::super) const INVALID_TOKEN: Refusal<'_> =
    Refusal::unauthorized("invalid_token", "The token is malformed or failed validation.");
pub(in super::super) const TOKEN_EXPIRED: Refusal<'_> =
    Refusal::unauthorized("token_expired", "The session JWT has expired. Exchange your API key again.");
pub(in super::super) const TOKEN_REVOKED: Refusal<'_> =
    Refusal::unauthorized("token_revoked", "The API key behind this session has been revoked.");
pub(in super::super) const UNKNOWN_TENANT: Refusal<'_> =
    Refusal::unauthorized("unknown_tenant", "The token does not resolve to a known organization.");
pub(in super::super) const MISSING_CLAIM: Refusal<'_> =
    Refusal::unauthorized("missing_claim", "The token is missing a required claim.");
pub(in super::super) const SUSPENDED: Refusal<'_> =
    Refusal::of(StatusCode::FORBIDDEN, "forbidden", "The organization is suspended.");
pub(in super::super) const SCOPE_MISSING: Refusal<'_> = Refusal::of(
    StatusCode::FORBIDDEN,
    "forbidden",
    "The credential lacks the scope that this endpoint needs.",
);
pub(in super::super) const AGENT_NOT_YOURS: Refusal<'_> =
    Refusal::of(StatusCode::FORBIDDEN, "forbidden", "Agent does not belong to this organization.");
pub(in super::super) const AGENTS_DO_NOT_MANAGE: Refusal<'_> =
    Refusal::of(StatusCode::FORBIDDEN, "forbidden", "This requires a key of the whole organization.");
pub(in super::super) const TOO_LARGE: Refusal<'_> = Refusal::of(
    StatusCode::PAYLOAD_TOO_LARGE,
    "parameter_invalid",
    "The request body is larger than 64 KiB.",
);
pub(in super::super) const TOO_MANY: Refusal<'_> =
    Refusal::of(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", "Too many requests.");
pub(in super::super) const UNAVAILABLE: Refusal<'_> = Refusal::of(
    StatusCode::SERVICE_UNAVAILABLE,
    "service_unavailable",
    "The service is temporarily unavailable. Please retry.",
);
pub(in super::super) const SUPPLY_PARTIAL: Refusal<'_> = Refusal::of(
    StatusCode::SERVICE_UNAVAILABLE,
    "service_unavailable",
    "Not every chain is known at the moment. Please retry.",
);
pub(in super::super) const INTERNAL: Refusal<'_> =
    Refusal::of(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "An unexpected error occurred.");
// The vendor has no word for a method that a path lacks.
pub(in super::super) const NOT_FOUND: Refusal<'_> =
    Refusal::of(StatusCode::NOT_FOUND, "not_found", "Not Found");
