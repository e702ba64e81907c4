-- What gateways take out of a project's texts before they are published; one row a change, the newest holds.
CREATE TABLE IF NOT EXISTS redactions
(
    project String,
    version UInt64,
    patterns Array(LowCardinality(String)) COMMENT 'email, phone, card, secret',
    custom Array(String) COMMENT 'regular expressions (RE2)',
    content LowCardinality(String) COMMENT 'keep, hash, drop',
    changed_at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(version)
ORDER BY project
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
