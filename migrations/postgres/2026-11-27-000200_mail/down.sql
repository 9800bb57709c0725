DROP INDEX accounts_of_name;
ALTER TABLE accounts DROP COLUMN address_notice_at;
ALTER TABLE accounts DROP COLUMN address_notice_id;
DROP TABLE single_use_tokens;
DROP TABLE outbox;
