-- Traces with a span that named an erased person: every row of them is blanked, whatever it names and whenever it comes.
-- Its rows are acknowledged before any blanked row of the trace. Small granules, because it is read by random trace ids.
CREATE TABLE IF NOT EXISTS erased_traces
(
    project LowCardinality(String),
    trace_id FixedString(16),
    user_hash FixedString(32) COMMENT 'of erasures',
    at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY (project, trace_id, user_hash)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 256;
