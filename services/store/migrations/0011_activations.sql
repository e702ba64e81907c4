-- Which derivation code and which price book are in force, as rising numbers that go into the version of each row.
-- A downgrade activates a higher number.
CREATE TABLE IF NOT EXISTS activations
(
    kind LowCardinality(String) COMMENT 'code, roll or price',
    number UInt16,
    fingerprint String,
    activated_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY (kind, number, fingerprint)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
