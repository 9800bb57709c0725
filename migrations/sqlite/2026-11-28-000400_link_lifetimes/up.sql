-- For how long a mail's link is to be good, where whoever asked for it says so.
ALTER TABLE outbox ADD COLUMN link_seconds INTEGER CHECK (link_seconds > 0);
