-- Which master keys open the deployment: one, and beside it another while one takes the place of the other. Each has the
-- root secret, wrapped. Without any, the master key that founded the database is the root secret itself, as in the
-- release before, which knows nothing of slots: `deployment.master_key_fingerprint` is always the root's.
CREATE TABLE master_key_slots (
    state TEXT NOT NULL PRIMARY KEY CHECK (state IN ('current', 'superseded')),
    master_key_fingerprint BLOB NOT NULL CONSTRAINT master_key_slots_fingerprint_unique UNIQUE
        CHECK (length(master_key_fingerprint) = 32),
    wrapped_root BLOB NOT NULL,
    added_at INTEGER NOT NULL
) STRICT;
