-- Text that is compared, sorted or unique is COLLATE "C": the same order and equality as on SQLite, whatever the
-- cluster's locale.

CREATE TABLE accounts (
    id uuid NOT NULL CONSTRAINT accounts_pkey PRIMARY KEY,
    display_name text COLLATE "C" NOT NULL,
    email text COLLATE "C",
    email_canonical text COLLATE "C",
    email_verified_at timestamptz,
    password_hash text COLLATE "C",
    status text COLLATE "C" NOT NULL CHECK (status IN ('active', 'suspended', 'archived')),
    status_since timestamptz,
    epoch bigint NOT NULL CHECK (epoch > 0),
    starting_balance text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT accounts_email_whole CHECK ((email IS NULL) = (email_canonical IS NULL)),
    CONSTRAINT accounts_email_verified CHECK (email_verified_at IS NULL OR email IS NOT NULL),
    CONSTRAINT accounts_status_whole CHECK ((status = 'active') = (status_since IS NULL))
);

CREATE UNIQUE INDEX accounts_email_unique ON accounts (email_canonical) WHERE status <> 'archived';

CREATE TABLE agents (
    id uuid NOT NULL CONSTRAINT agents_pkey PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT agents_account REFERENCES accounts (id),
    name text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL CHECK (environment IN ('live', 'sandbox')),
    status text COLLATE "C" NOT NULL CHECK (status IN ('active', 'archived')),
    status_since timestamptz,
    epoch bigint NOT NULL CHECK (epoch > 0),
    starting_balance text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    -- What a key's foreign key refers to, so that a key's agent is an agent of the key's account.
    CONSTRAINT agents_account_unique UNIQUE (account_id, id),
    CONSTRAINT agents_status_whole CHECK ((status = 'active') = (status_since IS NULL))
);

CREATE TABLE api_keys (
    id uuid NOT NULL CONSTRAINT api_keys_pkey PRIMARY KEY,
    handle text COLLATE "C" NOT NULL CONSTRAINT api_keys_handle_unique UNIQUE,
    prefix text COLLATE "C" NOT NULL,
    account_id uuid NOT NULL CONSTRAINT api_keys_account REFERENCES accounts (id),
    agent_id uuid,
    environment text COLLATE "C" NOT NULL CHECK (environment IN ('live', 'sandbox')),
    verifier bytea NOT NULL CHECK (length(verifier) = 32),
    login_verifier bytea CHECK (length(login_verifier) = 32),
    generation bigint NOT NULL CHECK (generation > 0),
    revoked_at timestamptz,
    revoked_reason text COLLATE "C" CHECK (revoked_reason IN ('requested', 'by_admin')),
    created_at timestamptz NOT NULL,
    CONSTRAINT api_keys_agent FOREIGN KEY (account_id, agent_id) REFERENCES agents (account_id, id),
    CONSTRAINT api_keys_agent_has_no_login CHECK (agent_id IS NULL OR login_verifier IS NULL),
    CONSTRAINT api_keys_revoked_whole CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL))
);

CREATE INDEX api_keys_of_account ON api_keys (account_id, created_at, id);
CREATE INDEX api_keys_of_agent ON api_keys (agent_id) WHERE agent_id IS NOT NULL;

-- No foreign keys: what happened outlives what it happened to. No list of actions: every release adds some, and
-- the release beside it must be able to write them.
CREATE TABLE audit_events (
    id uuid NOT NULL CONSTRAINT audit_events_pkey PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL CHECK (action <> ''),
    target text COLLATE "C" NOT NULL,
    account_id uuid,
    outcome text COLLATE "C" NOT NULL CHECK (outcome IN ('succeeded', 'denied')),
    request_id uuid,
    mac bytea NOT NULL CHECK (length(mac) = 32)
);

CREATE INDEX audit_events_newest ON audit_events (at DESC, id DESC);
CREATE INDEX audit_events_of_account ON audit_events (account_id, at DESC, id DESC);

CREATE TABLE signing_keys (
    kid text COLLATE "C" NOT NULL CONSTRAINT signing_keys_pkey PRIMARY KEY,
    algorithm text COLLATE "C" NOT NULL CHECK (algorithm IN ('EdDSA', 'ES256', 'RS256')),
    state text COLLATE "C" NOT NULL CHECK (state IN ('published', 'active', 'retired')),
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX signing_keys_active_unique ON signing_keys (algorithm) WHERE state = 'active';

-- One row: which master key the database belongs to.
CREATE TABLE deployment (
    id bigint NOT NULL CONSTRAINT deployment_pkey PRIMARY KEY CHECK (id = 1),
    master_key_fingerprint bytea NOT NULL CHECK (length(master_key_fingerprint) = 32)
);
