-- Who changed what of a project by the API. Written before the change is made: what stands here was at least asked for.
CREATE TABLE IF NOT EXISTS audit
(
    project LowCardinality(String),
    at DateTime64(3, 'UTC') DEFAULT now64(3),
    id String,
    key_id String COMMENT 'of the key that asked',
    action LowCardinality(String),
    subject String COMMENT 'what was changed',
    detail String COMMENT 'JSON; never a secret'
)
ENGINE = MergeTree
ORDER BY (project, at, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
