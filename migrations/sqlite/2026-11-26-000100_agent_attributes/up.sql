-- What an account says of its agents. NULL is what an agent has whose account said nothing, and what the release
-- before this one writes: a default for the risk profile, a colour that the id picks, no picture, no later change.

ALTER TABLE agents ADD COLUMN llm_model TEXT;
ALTER TABLE agents ADD COLUMN framework TEXT;
ALTER TABLE agents ADD COLUMN strategy_tags TEXT;
ALTER TABLE agents ADD COLUMN max_position_size_pct INTEGER CHECK (max_position_size_pct BETWEEN 1 AND 100);
ALTER TABLE agents ADD COLUMN daily_loss_limit_pct INTEGER CHECK (daily_loss_limit_pct BETWEEN 1 AND 100);
ALTER TABLE agents ADD COLUMN max_open_orders INTEGER CHECK (max_open_orders > 0);
ALTER TABLE agents ADD COLUMN color TEXT CHECK (length(color) = 7);
ALTER TABLE agents ADD COLUMN avatar_url TEXT;
ALTER TABLE agents ADD COLUMN updated_at INTEGER;

CREATE INDEX agents_of_account ON agents (account_id, created_at, id);
