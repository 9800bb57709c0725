-- What waits to be mailed. Whom it is for is an account, or what somebody typed, sealed. The release before erases
-- accounts and knows nothing of their mails and tokens, so these go by themselves.
CREATE TABLE outbox (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('verify_address', 'reset_password', 'address_in_use')),
    account_id BLOB REFERENCES accounts (id) ON DELETE CASCADE,
    sealed_identity BLOB,
    created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    due_at INTEGER NOT NULL,
    CONSTRAINT outbox_recipient CHECK ((account_id IS NULL) <> (sealed_identity IS NULL))
) STRICT;

CREATE INDEX outbox_by_due ON outbox (due_at, id);
CREATE INDEX outbox_of_account ON outbox (account_id) WHERE account_id IS NOT NULL;

-- Tokens that were mailed, by the digest of their text. Used and expired ones stay for a while, to be told apart.
CREATE TABLE single_use_tokens (
    digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    purpose TEXT NOT NULL CHECK (purpose IN ('verify_address', 'reset_password')),
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    epoch INTEGER CHECK (epoch > 0),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    CONSTRAINT single_use_tokens_epoch CHECK ((purpose = 'reset_password') = (epoch IS NOT NULL))
) STRICT;

CREATE INDEX single_use_tokens_of_account ON single_use_tokens (account_id, purpose);
CREATE INDEX single_use_tokens_by_end ON single_use_tokens (expires_at);

-- The last mail that told an account's owner of somebody who tried to register with their address, and when.
ALTER TABLE accounts ADD COLUMN address_notice_id BLOB CHECK (length(address_notice_id) = 16);
ALTER TABLE accounts ADD COLUMN address_notice_at INTEGER;

-- Whoever has forgotten a password may say a name.
CREATE INDEX accounts_of_name ON accounts (display_name, created_at, id);
