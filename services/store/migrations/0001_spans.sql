-- One row is a span. Keyed by facts of the span itself, so that a repeated span replaces itself whatever brought it.
-- `version` (see docs/exactness.md) only rises; nothing is updated or deleted. No text here is over 200 characters:
-- request, response and attributes lie in span_payloads under the same key.
CREATE TABLE IF NOT EXISTS spans
(
    project LowCardinality(String),
    bucket DateTime('UTC') COMMENT 'minute of the end; 1970-01-01 is the quarantine of impossible ends' CODEC(Delta, ZSTD(1)),
    lane UInt8 COMMENT 'murmur2(hex trace id) mod 64',
    trace_id FixedString(16) CODEC(ZSTD(1)),
    span_id FixedString(8) CODEC(NONE),
    version UInt64 COMMENT 'erased:1 has_usage:1 revision:8 content_hash:30 void:1 aggregate:1 code:8 price:14' CODEC(ZSTD(1)),
    parent_span_id FixedString(8) COMMENT 'zero for a root' CODEC(ZSTD(1)),

    start_time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    end_time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    duration_us UInt64 CODEC(T64, ZSTD(1)),
    time_to_first_chunk_us UInt64 COMMENT '0: not measured' CODEC(T64, ZSTD(1)),

    name LowCardinality(String),
    kind LowCardinality(String),
    scope LowCardinality(String),
    dialect LowCardinality(String),
    role LowCardinality(String),
    family LowCardinality(String),
    operation LowCardinality(String),
    provider LowCardinality(String),
    request_model LowCardinality(String),
    response_model LowCardinality(String),
    response_id String CODEC(ZSTD(1)),
    service_tier LowCardinality(String),
    tool_name LowCardinality(String),
    tool_call_id String CODEC(ZSTD(1)),
    agent_name LowCardinality(String),

    user_id String CODEC(ZSTD(1)),
    conversation_id String CODEC(ZSTD(1)),
    tags Array(LowCardinality(String)) CODEC(ZSTD(1)),
    metadata Map(String, String) CODEC(ZSTD(1)),

    environment LowCardinality(String),
    service LowCardinality(String),
    release LowCardinality(String),
    region LowCardinality(String),
    team LowCardinality(String),
    cost_centre LowCardinality(String),
    feature LowCardinality(String),
    prompt LowCardinality(String) COMMENT 'name@version',
    credential LowCardinality(String),

    usage_state LowCardinality(String),
    input_tokens UInt64 COMMENT 'includes cache' CODEC(T64, ZSTD(1)),
    cache_read_tokens UInt64 CODEC(T64, ZSTD(1)),
    cache_write_tokens UInt64 CODEC(T64, ZSTD(1)),
    output_tokens UInt64 COMMENT 'includes reasoning' CODEC(T64, ZSTD(1)),
    reasoning_tokens UInt64 CODEC(T64, ZSTD(1)),
    units Map(LowCardinality(String), UInt64) COMMENT 'every other billing unit' CODEC(ZSTD(1)),

    price_state LowCardinality(String),
    cost Decimal(18, 12) COMMENT 'USD; 0 unless price_state is priced' CODEC(ZSTD(1)),
    estimated_cost Decimal(18, 12) CODEC(ZSTD(1)),
    cache_savings Decimal(18, 12) CODEC(ZSTD(1)),
    price_source LowCardinality(String),
    price_version LowCardinality(String),
    price_rule LowCardinality(String),

    outcome LowCardinality(String),
    refusal LowCardinality(String),
    error_class LowCardinality(String),
    error_type LowCardinality(String),
    message String COMMENT 'first line of the refusal, or of the error' CODEC(ZSTD(1)),
    finish_reasons Array(LowCardinality(String)) CODEC(ZSTD(1)),
    attempt UInt16 CODEC(T64, ZSTD(1)),
    fidelity LowCardinality(String),
    flags UInt32 CODEC(T64, ZSTD(1)),

    instance LowCardinality(String) COMMENT 'UUID of the SDK instance',
    sequence UInt64 CODEC(Delta, ZSTD(1)),
    written_at DateTime('UTC') DEFAULT now() COMMENT 'by the server; not content' CODEC(Delta, ZSTD(1)),

    erased Bool ALIAS bitTest(version, 63),
    void Bool ALIAS bitTest(version, 23),
    aggregate Bool ALIAS bitTest(version, 22),
    INDEX written_at written_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMMDD(bucket)
ORDER BY (project, bucket, lane, trace_id, span_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, add_minmax_index_for_numeric_columns = 0;
