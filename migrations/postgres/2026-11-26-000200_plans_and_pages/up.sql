-- What an account has booked. NULL is the free plan: the release before writes it.
ALTER TABLE accounts ADD COLUMN plan text COLLATE "C" CHECK (plan IN ('pro', 'enterprise'));

-- Pages of accounts and keys, newest first. The keys of one account have an index already.
CREATE INDEX accounts_newest ON accounts (created_at DESC, id DESC);
CREATE INDEX accounts_of_email ON accounts (email_canonical, created_at DESC, id DESC);
CREATE INDEX api_keys_newest ON api_keys (created_at DESC, id DESC);
