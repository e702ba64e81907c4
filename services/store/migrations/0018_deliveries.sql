-- How many spans an SDK instance sent, as it said when it ended. Its spans in `spans` carry `instance` and `sequence`:
-- what is missing of 1 to final_sequence was lost, and an instance without a row here has a tail that nobody knows.
CREATE TABLE IF NOT EXISTS deliveries
(
    project LowCardinality(String),
    instance String COMMENT 'UUID of the SDK instance',
    final_sequence UInt64,
    closed_at DateTime64(9, 'UTC') COMMENT 'by the SDK''s clock'
)
ENGINE = ReplacingMergeTree(final_sequence)
ORDER BY (project, instance)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
