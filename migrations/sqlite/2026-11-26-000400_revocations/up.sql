-- One row: the last number that was given to a revocation, and the last one that can no longer be read.
CREATE TABLE revocation_head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    last INTEGER NOT NULL CHECK (last >= 0),
    forgotten INTEGER NOT NULL CHECK (forgotten >= 0 AND forgotten <= last)
) STRICT;

INSERT INTO revocation_head (id, last, forgotten) VALUES (1, 0, 0);

-- What ended, in the order in which it became visible. No foreign keys: it may be gone.
CREATE TABLE revocations (
    number INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind <> ''),
    subject_id BLOB CHECK (length(subject_id) = 16),
    expires_at INTEGER
) STRICT;

-- Tokens that were ended before their time, until they would have ended anyway.
CREATE TABLE revoked_tokens (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX revoked_tokens_by_end ON revoked_tokens (expires_at);

-- To the minute, and some seconds late.
ALTER TABLE api_keys ADD COLUMN last_used_at INTEGER;
