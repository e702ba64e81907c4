-- How far each partition of the span log is rolled up: everything before `next_offset` is in spans, traces and rollups.
CREATE TABLE IF NOT EXISTS checkpoints
(
    cluster String,
    topic String,
    partition UInt32,
    next_offset UInt64,
    fingerprint String COMMENT 'of the last record before next_offset',
    record_time DateTime64(3, 'UTC'),
    rolled_from DateTime('UTC') COMMENT 'rows of spans written from here on may not be rolled up yet',
    generation UInt64,
    written_at DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (cluster, topic, partition)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
