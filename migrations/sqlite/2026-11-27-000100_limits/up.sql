-- What limits count, by MACs: no address and no identity rests here. Written behind: memory decides.
CREATE TABLE limit_counters (
    key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    kind TEXT NOT NULL CHECK (kind IN ('bucket', 'guard', 'mark')),
    full_at INTEGER CHECK ((kind = 'bucket') = (full_at IS NOT NULL)),
    failures INTEGER CHECK ((kind = 'guard') = (failures IS NOT NULL) AND failures >= 0),
    last_at INTEGER CHECK ((kind = 'guard') = (last_at IS NOT NULL)),
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX limit_counters_by_end ON limit_counters (expires_at);
