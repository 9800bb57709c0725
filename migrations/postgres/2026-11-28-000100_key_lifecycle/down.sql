DROP TABLE idempotency_records;
DROP INDEX accounts_tenant_unique;
DROP INDEX api_keys_counted;
ALTER TABLE accounts DROP COLUMN active_keys;
ALTER TABLE api_keys DROP COLUMN superseded_at;
ALTER TABLE api_keys DROP COLUMN expires_at;
ALTER TABLE api_keys DROP COLUMN purpose;
ALTER TABLE api_keys DROP COLUMN scopes;
ALTER TABLE api_keys DROP COLUMN label;
