-- Ids are 16 bytes, moments are microseconds since 1970, digests are 32 bytes, decimals are text as it was given.

CREATE TABLE accounts (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    display_name TEXT NOT NULL,
    email TEXT,
    email_canonical TEXT,
    email_verified_at INTEGER,
    password_hash TEXT,
    status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'archived')),
    status_since INTEGER,
    epoch INTEGER NOT NULL CHECK (epoch > 0),
    starting_balance TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT accounts_email_whole CHECK ((email IS NULL) = (email_canonical IS NULL)),
    CONSTRAINT accounts_email_verified CHECK (email_verified_at IS NULL OR email IS NOT NULL),
    CONSTRAINT accounts_status_whole CHECK ((status = 'active') = (status_since IS NULL))
) STRICT;

CREATE UNIQUE INDEX accounts_email_unique ON accounts (email_canonical) WHERE status <> 'archived';

CREATE TABLE agents (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id BLOB NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    environment TEXT NOT NULL CHECK (environment IN ('live', 'sandbox')),
    status TEXT NOT NULL CHECK (status IN ('active', 'archived')),
    status_since INTEGER,
    epoch INTEGER NOT NULL CHECK (epoch > 0),
    starting_balance TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- What a key's foreign key refers to, so that a key's agent is an agent of the key's account.
    CONSTRAINT agents_account_unique UNIQUE (account_id, id),
    CONSTRAINT agents_status_whole CHECK ((status = 'active') = (status_since IS NULL))
) STRICT;

CREATE TABLE api_keys (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    handle TEXT NOT NULL CONSTRAINT api_keys_handle_unique UNIQUE,
    prefix TEXT NOT NULL,
    account_id BLOB NOT NULL REFERENCES accounts (id),
    agent_id BLOB,
    environment TEXT NOT NULL CHECK (environment IN ('live', 'sandbox')),
    verifier BLOB NOT NULL CHECK (length(verifier) = 32),
    login_verifier BLOB CHECK (length(login_verifier) = 32),
    generation INTEGER NOT NULL CHECK (generation > 0),
    revoked_at INTEGER,
    revoked_reason TEXT CHECK (revoked_reason IN ('requested', 'by_admin')),
    created_at INTEGER NOT NULL,
    CONSTRAINT api_keys_agent FOREIGN KEY (account_id, agent_id) REFERENCES agents (account_id, id),
    CONSTRAINT api_keys_agent_has_no_login CHECK (agent_id IS NULL OR login_verifier IS NULL),
    CONSTRAINT api_keys_revoked_whole CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL))
) STRICT;

CREATE INDEX api_keys_of_account ON api_keys (account_id, created_at, id);
CREATE INDEX api_keys_of_agent ON api_keys (agent_id) WHERE agent_id IS NOT NULL;

-- No foreign keys: what happened outlives what it happened to. No list of actions: every release adds some, and
-- the release beside it must be able to write them.
CREATE TABLE audit_events (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action <> ''),
    target TEXT NOT NULL,
    account_id BLOB CHECK (length(account_id) = 16),
    outcome TEXT NOT NULL CHECK (outcome IN ('succeeded', 'denied')),
    request_id BLOB CHECK (length(request_id) = 16),
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;

CREATE INDEX audit_events_newest ON audit_events (at DESC, id DESC);
CREATE INDEX audit_events_of_account ON audit_events (account_id, at DESC, id DESC);

CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    algorithm TEXT NOT NULL CHECK (algorithm IN ('EdDSA', 'ES256', 'RS256')),
    state TEXT NOT NULL CHECK (state IN ('published', 'active', 'retired')),
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX signing_keys_active_unique ON signing_keys (algorithm) WHERE state = 'active';

-- One row: which master key the database belongs to.
CREATE TABLE deployment (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    master_key_fingerprint BLOB NOT NULL CHECK (length(master_key_fingerprint) = 32)
) STRICT;
