-- An immutable set: the trace has spans that ended in that minute. From it all rows of a trace are found by key.
-- Its rows are acknowledged before those of spans. Small granules, because it is read by random trace ids.
CREATE TABLE IF NOT EXISTS trace_buckets
(
    project LowCardinality(String),
    trace_id FixedString(16),
    bucket DateTime('UTC')
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(bucket)
ORDER BY (project, trace_id, bucket)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 256;
