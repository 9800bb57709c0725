ALTER TABLE api_keys DROP COLUMN last_used_at;
DROP TABLE revoked_tokens;
DROP TABLE revocations;
DROP TABLE revocation_head;
