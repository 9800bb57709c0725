DROP TABLE revoked_tokens;
DROP TABLE revocations;
DROP TABLE revocation_head;
