DROP INDEX signing_keys_published_unique;
ALTER TABLE signing_keys DROP COLUMN state_since;
