-- What could never be stored: the bytes unchanged, where they came from, which error at which stage.
CREATE TABLE IF NOT EXISTS dead_letters
(
    id String COMMENT 'hash of origin and bytes: the same letter twice is one row',
    project LowCardinality(String),
    topic LowCardinality(String),
    partition UInt32,
    offset UInt64,
    record_time DateTime64(3, 'UTC'),
    key String,
    value String CODEC(ZSTD(1)),
    headers Map(String, String),
    code LowCardinality(String),
    stage LowCardinality(String),
    message String,
    written_at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (code, id)
TTL written_at + INTERVAL 90 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
