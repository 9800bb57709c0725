DROP TABLE deployment;
DROP TABLE signing_keys;
DROP TABLE audit_events;
DROP TABLE api_keys;
DROP TABLE agents;
DROP TABLE accounts;
