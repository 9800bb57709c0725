-- What an account says of its agents. NULL is what an agent has whose account said nothing, and what the release
-- before this one writes: a default for the risk profile, a colour that the id picks, no picture, no later change.

ALTER TABLE agents
    ADD COLUMN llm_model text COLLATE "C",
    ADD COLUMN framework text COLLATE "C",
    ADD COLUMN strategy_tags text COLLATE "C",
    ADD COLUMN max_position_size_pct bigint CHECK (max_position_size_pct BETWEEN 1 AND 100),
    ADD COLUMN daily_loss_limit_pct bigint CHECK (daily_loss_limit_pct BETWEEN 1 AND 100),
    ADD COLUMN max_open_orders bigint CHECK (max_open_orders > 0),
    ADD COLUMN color text COLLATE "C" CHECK (length(color) = 7),
    ADD COLUMN avatar_url text COLLATE "C",
    ADD COLUMN updated_at timestamptz;

CREATE INDEX agents_of_account ON agents (account_id, created_at, id);
