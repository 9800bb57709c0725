-- What waits to be mailed. Whom it is for is an account, or what somebody typed, sealed. The release before erases
-- accounts and knows nothing of their mails and tokens, so these go by themselves.
CREATE TABLE outbox (
    id uuid NOT NULL CONSTRAINT outbox_pkey PRIMARY KEY,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('verify_address', 'reset_password', 'address_in_use')),
    account_id uuid REFERENCES accounts (id) ON DELETE CASCADE,
    sealed_identity bytea,
    created_at timestamptz NOT NULL,
    attempts bigint NOT NULL CHECK (attempts >= 0),
    due_at timestamptz NOT NULL,
    CONSTRAINT outbox_recipient CHECK ((account_id IS NULL) <> (sealed_identity IS NULL))
);

CREATE INDEX outbox_by_due ON outbox (due_at, id);
CREATE INDEX outbox_of_account ON outbox (account_id) WHERE account_id IS NOT NULL;

-- Tokens that were mailed, by the digest of their text. Used and expired ones stay for a while, to be told apart.
CREATE TABLE single_use_tokens (
    digest bytea NOT NULL CONSTRAINT single_use_tokens_pkey PRIMARY KEY CHECK (length(digest) = 32),
    purpose text COLLATE "C" NOT NULL CHECK (purpose IN ('verify_address', 'reset_password')),
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    address text COLLATE "C" NOT NULL,
    epoch bigint CHECK (epoch > 0),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT single_use_tokens_epoch CHECK ((purpose = 'reset_password') = (epoch IS NOT NULL))
);

CREATE INDEX single_use_tokens_of_account ON single_use_tokens (account_id, purpose);
CREATE INDEX single_use_tokens_by_end ON single_use_tokens (expires_at);

-- The last mail that told an account's owner of somebody who tried to register with their address, and when.
ALTER TABLE accounts ADD COLUMN address_notice_id uuid;
ALTER TABLE accounts ADD COLUMN address_notice_at timestamptz;

-- Whoever has forgotten a password may say a name.
CREATE INDEX accounts_of_name ON accounts (display_name, created_at, id);
