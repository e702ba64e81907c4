-- Who pays, by rule: team, cost centre, feature, prompt and release of calls that do not say so themselves.
-- Append-only: the last version of a name counts, one with an empty rule revokes it, and who, when and why stay readable.
CREATE TABLE IF NOT EXISTS ownership_rules
(
    project LowCardinality(String) COMMENT 'empty: all projects',
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
