-- API keys, never in clear: `key_hash` is SHA-256 of 256 random bits.
CREATE TABLE IF NOT EXISTS api_keys
(
    key_id String,
    version UInt64,
    key_hash FixedString(32),
    project String,
    scopes Array(LowCardinality(String)) COMMENT 'ingest, read, admin',
    label String,
    created_at DateTime('UTC') DEFAULT now(),
    expires_at DateTime('UTC') DEFAULT toDateTime(0, 'UTC') COMMENT '1970: never',
    revoked Bool DEFAULT false
)
ENGINE = ReplacingMergeTree(version)
ORDER BY key_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
