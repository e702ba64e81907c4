-- That an alert fired, and that it was resolved: what is to be told to whom. Append-only. An event that is written twice,
-- by a restart or another replica, has the same key; the row written first counts, for it may have been told.
CREATE TABLE IF NOT EXISTS alert_events
(
    project LowCardinality(String),
    fired_at DateTime('UTC') COMMENT 'of the episode: the end of the window that was evaluated',
    episode String COMMENT 'sha256 of project, rule, group and fired_at, 32 hex digits',
    event Enum8('firing' = 1, 'resolved' = 2),
    at DateTime('UTC'),
    rule String,
    group_key String COMMENT 'JSON: an array of values',
    receivers Array(String),
    body String COMMENT 'JSON' CODEC(ZSTD(3)),
    written_at DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = MergeTree
ORDER BY (project, fired_at, episode, event)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 256;
