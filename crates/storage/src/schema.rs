//! The tables as diesel sees them. The migrations make them; the contract suites hold the two together.

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Instant};

    accounts (id) {
        id -> Id,
        display_name -> Text,
        email -> Nullable<Text>,
        email_canonical -> Nullable<Text>,
        email_verified_at -> Nullable<Instant>,
        password_hash -> Nullable<Text>,
        status -> Text,
        status_since -> Nullable<Instant>,
        epoch -> BigInt,
        starting_balance -> Text,
        created_at -> Instant,
        plan -> Nullable<Text>,
        address_notice_id -> Nullable<Id>,
        address_notice_at -> Nullable<Instant>,
        active_keys -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Instant};

    agents (id) {
        id -> Id,
        account_id -> Id,
        name -> Text,
        environment -> Text,
        status -> Text,
        status_since -> Nullable<Instant>,
        epoch -> BigInt,
        starting_balance -> Text,
        created_at -> Instant,
        llm_model -> Nullable<Text>,
        framework -> Nullable<Text>,
        strategy_tags -> Nullable<Text>,
        max_position_size_pct -> Nullable<BigInt>,
        daily_loss_limit_pct -> Nullable<BigInt>,
        max_open_orders -> Nullable<BigInt>,
        color -> Nullable<Text>,
        avatar_url -> Nullable<Text>,
        updated_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::types::{Id, Instant};

    api_keys (id) {
        id -> Id,
        handle -> Text,
        prefix -> Text,
        account_id -> Id,
        agent_id -> Nullable<Id>,
        environment -> Text,
        verifier -> Binary,
        login_verifier -> Nullable<Binary>,
        generation -> BigInt,
        revoked_at -> Nullable<Instant>,
        revoked_reason -> Nullable<Text>,
        created_at -> Instant,
        last_used_at -> Nullable<Instant>,
        label -> Nullable<Text>,
        scopes -> Nullable<Text>,
        purpose -> Nullable<Text>,
        expires_at -> Nullable<Instant>,
        superseded_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::types::{Id, Instant};

    audit_events (id) {
        id -> Id,
        at -> Instant,
        actor -> Text,
        action -> Text,
        target -> Text,
        account_id -> Nullable<Id>,
        outcome -> Text,
        request_id -> Nullable<Id>,
        mac -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::types::Instant;

    signing_keys (kid) {
        kid -> Text,
        algorithm -> Text,
        state -> Text,
        sealed -> Binary,
        created_at -> Instant,
        state_since -> Nullable<Instant>,
    }
}

diesel::table! {
    deployment (id) {
        id -> BigInt,
        master_key_fingerprint -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::types::Instant;

    master_key_slots (state) {
        state -> Text,
        master_key_fingerprint -> Binary,
        wrapped_root -> Binary,
        added_at -> Instant,
    }
}

diesel::table! {
    revocation_head (id) {
        id -> BigInt,
        last -> BigInt,
        forgotten -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Instant};

    revocations (number) {
        number -> BigInt,
        kind -> Text,
        subject_id -> Nullable<Id>,
        expires_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use crate::types::{Id, Instant};

    revoked_tokens (id) {
        id -> Id,
        expires_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::types::{Id, Instant};

    outbox (id) {
        id -> Id,
        kind -> Text,
        account_id -> Nullable<Id>,
        sealed_identity -> Nullable<Binary>,
        link_seconds -> Nullable<BigInt>,
        created_at -> Instant,
        attempts -> BigInt,
        due_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::types::{Id, Instant};

    single_use_tokens (digest) {
        digest -> Binary,
        purpose -> Text,
        account_id -> Id,
        address -> Text,
        epoch -> Nullable<BigInt>,
        created_at -> Instant,
        expires_at -> Instant,
        used_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary};
    use crate::types::{Id, Instant};

    sessions (id) {
        id -> Id,
        digest -> Binary,
        account_id -> Id,
        epoch -> BigInt,
        began_at -> Instant,
        last_seen_at -> Instant,
        expires_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Binary;
    use crate::types::{Id, Instant};

    idempotency_records (lookup) {
        lookup -> Binary,
        body -> Binary,
        account_id -> Id,
        sealed -> Binary,
        created_at -> Instant,
        expires_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::types::Instant;

    limit_counters (key) {
        key -> Binary,
        kind -> Text,
        full_at -> Nullable<Instant>,
        failures -> Nullable<BigInt>,
        last_at -> Nullable<Instant>,
        expires_at -> Instant,
    }
}

diesel::table! {
    /// Diesel's own: which migrations have been applied.
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(accounts, agents, api_keys, audit_events);
