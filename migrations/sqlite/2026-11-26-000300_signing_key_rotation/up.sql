-- Since when a signing key is in its state. A release that does not know it writes none, and only keys that are active
-- from the moment that they are made.
ALTER TABLE signing_keys ADD COLUMN state_since INTEGER;

CREATE UNIQUE INDEX signing_keys_published_unique ON signing_keys (algorithm) WHERE state = 'published';
