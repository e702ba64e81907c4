-- The texts of a span, as received. Same key and version as its row in spans (the marks aside).
CREATE TABLE IF NOT EXISTS span_payloads
(
    project LowCardinality(String),
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    lane UInt8,
    trace_id FixedString(16) CODEC(ZSTD(1)),
    span_id FixedString(8) CODEC(NONE),
    version UInt64 CODEC(ZSTD(1)),

    request String COMMENT 'the exact body where fidelity is exact; else what the dialect carried' CODEC(ZSTD(1)),
    response String CODEC(ZSTD(1)),
    tool_arguments String CODEC(ZSTD(1)),
    tool_result String CODEC(ZSTD(1)),
    documents String COMMENT 'retrieved documents, JSON' CODEC(ZSTD(1)),
    attributes Map(String, String) COMMENT 'every attribute that is not one of the texts above; nested values as JSON' CODEC(ZSTD(1)),
    attribute_types String COMMENT 'a letter per attribute: s, b, i, d, a, k, x (bytes, base64), e (empty)' CODEC(ZSTD(1)),
    resource_attributes Map(String, String) CODEC(ZSTD(1)),
    resource_attribute_types String CODEC(ZSTD(1)),
    scope_name LowCardinality(String),
    scope_version LowCardinality(String),
    events String COMMENT 'JSON array of {timeUnixNano, name, attributes}' CODEC(ZSTD(1)),
    links String COMMENT 'JSON array of {traceId, spanId, attributes}' CODEC(ZSTD(1)),
    trace_state String CODEC(ZSTD(1)),
    status_message String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMMDD(bucket)
ORDER BY (project, bucket, lane, trace_id, span_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 1024, index_granularity_bytes = 67108864;
