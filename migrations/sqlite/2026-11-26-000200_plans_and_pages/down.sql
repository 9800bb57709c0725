DROP INDEX api_keys_newest;
DROP INDEX accounts_of_email;
DROP INDEX accounts_newest;
ALTER TABLE accounts DROP COLUMN plan;
