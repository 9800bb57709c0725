-- One row: the last number that was given to a revocation, and the last one that can no longer be read. It is written
-- again and again: room on its page keeps those updates from growing the table.
CREATE TABLE revocation_head (
    id bigint NOT NULL CONSTRAINT revocation_head_pkey PRIMARY KEY CHECK (id = 1),
    last bigint NOT NULL CHECK (last >= 0),
    forgotten bigint NOT NULL,
    CONSTRAINT revocation_head_forgotten CHECK (forgotten >= 0 AND forgotten <= last)
) WITH (fillfactor = 10);

INSERT INTO revocation_head (id, last, forgotten) VALUES (1, 0, 0);

-- What ended, in the order in which it became visible. No foreign keys: it may be gone.
CREATE TABLE revocations (
    number bigint NOT NULL CONSTRAINT revocations_pkey PRIMARY KEY,
    kind text COLLATE "C" NOT NULL CHECK (kind <> ''),
    subject_id uuid,
    expires_at timestamptz
);

-- Tokens that were ended before their time, until they would have ended anyway.
CREATE TABLE revoked_tokens (
    id uuid NOT NULL CONSTRAINT revoked_tokens_pkey PRIMARY KEY,
    expires_at timestamptz NOT NULL
);

CREATE INDEX revoked_tokens_by_end ON revoked_tokens (expires_at);

-- To the minute, and some seconds late.
ALTER TABLE api_keys ADD COLUMN last_used_at timestamptz;
