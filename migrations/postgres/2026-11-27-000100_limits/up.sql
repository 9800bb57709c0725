-- What limits count, by MACs: no address and no identity rests here. Rows are written again and again: with room on
-- their page, and an end in steps, such a write touches no index.
CREATE TABLE limit_counters (
    key bytea NOT NULL CONSTRAINT limit_counters_pkey PRIMARY KEY CHECK (octet_length(key) = 32),
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('bucket', 'guard', 'mark')),
    full_at timestamptz,
    failures bigint CHECK (failures >= 0),
    last_at timestamptz,
    expires_at timestamptz NOT NULL,
    CONSTRAINT limit_counters_bucket CHECK ((kind = 'bucket') = (full_at IS NOT NULL)),
    CONSTRAINT limit_counters_guard CHECK (
        (kind = 'guard') = (failures IS NOT NULL) AND (kind = 'guard') = (last_at IS NOT NULL)
    )
) WITH (fillfactor = 70);

CREATE INDEX limit_counters_by_end ON limit_counters (expires_at);
