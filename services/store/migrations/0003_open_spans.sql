-- A span announced before its end. It is open as long as spans has no row of that id.
CREATE TABLE IF NOT EXISTS open_spans
(
    project LowCardinality(String),
    trace_id FixedString(16),
    span_id FixedString(8),
    version UInt64,
    parent_span_id FixedString(8),
    start_time DateTime64(9, 'UTC'),
    name String,
    role LowCardinality(String),
    operation LowCardinality(String),
    request_model LowCardinality(String),
    service LowCardinality(String),
    user_id String,
    conversation_id String,
    written_at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project, trace_id, span_id)
TTL written_at + INTERVAL 7 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 256;
