-- Feedback and evaluations on a trace or span, as they came on the span log: no part of a trace, and counted nowhere else.
-- A score given again under its id replaces itself, the one given last wins.
CREATE TABLE IF NOT EXISTS scores
(
    project LowCardinality(String),
    trace_id FixedString(16) CODEC(ZSTD(1)),
    score_id FixedString(8) CODEC(NONE),
    version UInt64 COMMENT 'milliseconds of given_at:42 content hash:22' CODEC(ZSTD(1)),
    span_id FixedString(8) COMMENT 'zero: the whole trace' CODEC(ZSTD(1)),
    name LowCardinality(String),
    kind Enum8('number' = 1, 'category' = 2, 'boolean' = 3),
    value Float64 COMMENT 'of a boolean 0 or 1, of a category 0' CODEC(ZSTD(1)),
    label String COMMENT 'of a category, and true or false' CODEC(ZSTD(1)),
    comment String CODEC(ZSTD(3)),
    source LowCardinality(String) COMMENT 'user, reviewer, evaluator, ...',
    user_id String CODEC(ZSTD(1)),
    environment LowCardinality(String),
    service LowCardinality(String),
    release LowCardinality(String),
    given_at DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    instance LowCardinality(String) COMMENT 'UUID of the SDK instance',
    sequence UInt64 CODEC(ZSTD(1)),
    INDEX given_at given_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project, trace_id, score_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
