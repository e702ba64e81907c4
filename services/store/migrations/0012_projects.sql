-- A project owns spans and keys. Below `frozen_until` nothing is recomputed and no span is accepted; it only advances.
CREATE TABLE IF NOT EXISTS projects
(
    project String,
    version UInt64,
    frozen_until DateTime('UTC') DEFAULT toDateTime(0, 'UTC'),
    created_at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(version)
ORDER BY project
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
