-- Whose lines they are, so that a row policy can tell: a reader of some projects sees the lines of their statements.
-- Lines from before have none, and are read by the id of their entry alone.
ALTER TABLE statement_lines ADD COLUMN IF NOT EXISTS project LowCardinality(String);
