-- What is watched, of each project: one row a version of a rule, as JSON.
-- Append-only: the last version of a name counts, one with an empty rule revokes it, and who, when and why stay readable.
CREATE TABLE IF NOT EXISTS alert_rules
(
    project LowCardinality(String),
    name String,
    version UInt32,
    rule String COMMENT 'JSON; empty: revoked',
    changed_by String,
    reason String,
    changed_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY (project, name, version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
