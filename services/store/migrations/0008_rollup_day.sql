-- Hour slices of a closed UTC day, folded. `rank` as in rollup_hour. A day without a row here is read from its hours.
CREATE TABLE IF NOT EXISTS rollup_day
(
    project LowCardinality(String),
    kind LowCardinality(String) COMMENT 'spend, latency, tools or usage: which dimensions and measures are filled',
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    shard UInt16,
    rank UInt128 CODEC(ZSTD(1)),

    environment Array(LowCardinality(String)) CODEC(ZSTD(1)),
    service Array(LowCardinality(String)) CODEC(ZSTD(1)),
    release Array(LowCardinality(String)) CODEC(ZSTD(1)),
    region Array(LowCardinality(String)) CODEC(ZSTD(1)),
    team Array(LowCardinality(String)) CODEC(ZSTD(1)),
    cost_centre Array(LowCardinality(String)) CODEC(ZSTD(1)),
    feature Array(LowCardinality(String)) CODEC(ZSTD(1)),
    prompt Array(LowCardinality(String)) CODEC(ZSTD(1)),
    provider Array(LowCardinality(String)) CODEC(ZSTD(1)),
    credential Array(LowCardinality(String)) CODEC(ZSTD(1)),
    request_model Array(LowCardinality(String)) CODEC(ZSTD(1)),
    response_model Array(LowCardinality(String)) CODEC(ZSTD(1)),
    operation Array(LowCardinality(String)) CODEC(ZSTD(1)),
    service_tier Array(LowCardinality(String)) CODEC(ZSTD(1)),
    outcome Array(LowCardinality(String)) CODEC(ZSTD(1)),
    refusal Array(LowCardinality(String)) CODEC(ZSTD(1)),
    error_class Array(LowCardinality(String)) CODEC(ZSTD(1)),
    is_retry Array(Bool) CODEC(ZSTD(1)),
    price_state Array(LowCardinality(String)) CODEC(ZSTD(1)),
    tool_name Array(LowCardinality(String)) CODEC(ZSTD(1)),
    user_id Array(String) CODEC(ZSTD(1)),
    conversation_id Array(String) CODEC(ZSTD(1)),

    calls Array(UInt64) CODEC(ZSTD(1)),
    input_tokens Array(UInt64) CODEC(ZSTD(1)),
    cache_read_tokens Array(UInt64) CODEC(ZSTD(1)),
    cache_write_tokens Array(UInt64) CODEC(ZSTD(1)),
    output_tokens Array(UInt64) CODEC(ZSTD(1)),
    reasoning_tokens Array(UInt64) CODEC(ZSTD(1)),
    duration_us Array(UInt64) CODEC(ZSTD(1)),
    cost Array(Decimal(38, 12)) CODEC(ZSTD(1)),
    estimated_cost Array(Decimal(38, 12)) CODEC(ZSTD(1)),
    cache_savings Array(Decimal(38, 12)) CODEC(ZSTD(1)),
    wasted_cost Array(Decimal(38, 12)) CODEC(ZSTD(1)),
    duration_sketch Array(AggregateFunction(quantilesDD(0.01, 0.5, 0.9, 0.95, 0.99), UInt64)) CODEC(ZSTD(1)),
    time_to_first_chunk_sketch Array(AggregateFunction(quantilesDD(0.01, 0.5, 0.9, 0.95, 0.99), UInt64)) CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYYYYMM(bucket)
ORDER BY (project, kind, bucket, shard)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 256;
