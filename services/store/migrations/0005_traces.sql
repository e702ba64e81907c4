-- One live row is a trace, at the greatest of its buckets. At each of its other buckets lies a tombstone (`live` = 0)
-- with the greatest rank there is: a bucket that is once not the greatest never is again. So traces are listed in the
-- order of time by the key, though the time of a trace changes. `rank` is roll code << 112 | sum of its rows' versions.
CREATE TABLE IF NOT EXISTS traces
(
    project LowCardinality(String),
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    trace_id FixedString(16),
    rank UInt128 CODEC(ZSTD(1)),
    live Bool,

    root_span_id FixedString(8),
    name LowCardinality(String),
    has_root Bool,
    missing_parents UInt32,
    has_cycle Bool,
    start_time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    end_time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    duration_us UInt64,

    spans UInt32,
    void_spans UInt32,
    aggregates UInt32,
    calls UInt32,
    tool_calls UInt32,
    errors UInt32,
    refusals UInt32,
    retries UInt32,
    priced_calls UInt32,
    estimated_calls UInt32,
    unpriced_calls UInt32,
    unknown_usage_calls UInt32,

    input_tokens UInt64,
    cache_read_tokens UInt64,
    cache_write_tokens UInt64,
    output_tokens UInt64,
    reasoning_tokens UInt64,
    cost Decimal(38, 12),
    estimated_cost Decimal(38, 12),
    cache_savings Decimal(38, 12),
    wasted_cost Decimal(38, 12),

    outcome LowCardinality(String),
    outcomes Array(LowCardinality(String)),
    refusal LowCardinality(String),
    error_classes Array(LowCardinality(String)),
    message String CODEC(ZSTD(1)),
    user_id String CODEC(ZSTD(1)),
    conversation_id String CODEC(ZSTD(1)),
    tags Array(LowCardinality(String)),
    environments Array(LowCardinality(String)),
    services Array(LowCardinality(String)),
    releases Array(LowCardinality(String)),
    teams Array(LowCardinality(String)),
    features Array(LowCardinality(String)),
    prompts Array(LowCardinality(String)),
    providers Array(LowCardinality(String)),
    request_models Array(LowCardinality(String)),
    response_models Array(LowCardinality(String)),
    operations Array(LowCardinality(String)),
    tool_names Array(LowCardinality(String))
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYYYYMM(bucket)
ORDER BY (project, bucket, trace_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 1024;
