-- Persons whose data was to be erased: two rows a run, as it begins and as it ends. Append-only: from its beginning on,
-- what still comes of that person is blanked before it is stored. The person's id itself is not kept.
CREATE TABLE IF NOT EXISTS erasures
(
    project LowCardinality(String),
    user_hash FixedString(32) COMMENT 'SHA-256 of project, a zero byte and the user id',
    run UUID,
    event Enum8('begun' = 1, 'ended' = 2),
    asked_by String,
    reason String,
    report String COMMENT 'JSON; empty when begun',
    at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY (project, user_hash, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
