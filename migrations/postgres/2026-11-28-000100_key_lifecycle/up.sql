-- What a key's owner says of it. Keys without these are those that the release before issues: no label, all rights,
-- for nothing in particular, without an end.
ALTER TABLE api_keys ADD COLUMN label text COLLATE "C";
ALTER TABLE api_keys ADD COLUMN scopes text COLLATE "C";
ALTER TABLE api_keys ADD COLUMN purpose text COLLATE "C" CHECK (purpose IN ('general', 'api', 'bot', 'mcp'));
ALTER TABLE api_keys ADD COLUMN expires_at timestamptz;
-- When it was rotated. One that is good beside its successor for a while is not revoked.
ALTER TABLE api_keys ADD COLUMN superseded_at timestamptz;

-- How many good account-level keys there are, at most: it is counted anew where it matters. Nobody has counted yet
-- where it is missing.
ALTER TABLE accounts ADD COLUMN active_keys bigint CHECK (active_keys >= 0);
-- Those that are counted, so that no number of keys that have ended makes counting slow.
CREATE INDEX api_keys_counted ON api_keys (account_id)
    WHERE agent_id IS NULL AND revoked_at IS NULL AND superseded_at IS NULL;

-- The end of an account's id, by which some clients know it.
CREATE UNIQUE INDEX accounts_tenant_unique ON accounts (substr(uuid_send(id), 11));

-- What was answered to requests that may be repeated, sealed.
CREATE TABLE idempotency_records (
    lookup bytea NOT NULL CONSTRAINT idempotency_records_pkey PRIMARY KEY CHECK (length(lookup) = 32),
    body bytea NOT NULL CHECK (length(body) = 32),
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX idempotency_records_by_end ON idempotency_records (expires_at);
CREATE INDEX idempotency_records_of_account ON idempotency_records (account_id);
