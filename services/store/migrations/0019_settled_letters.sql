-- What a person decided of a dead letter. It settles the rows of `dead_letters` with that id that were written until then:
-- one that fails again after it was replayed waits again.
CREATE TABLE IF NOT EXISTS settled_letters
(
    id String,
    written_at DateTime('UTC') COMMENT 'of the letter that was settled',
    verdict LowCardinality(String) COMMENT 'replayed, dropped',
    settled_at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY id
TTL settled_at + INTERVAL 100 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
