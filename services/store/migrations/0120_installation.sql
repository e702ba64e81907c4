-- Which Spanhouse this is: spans that its services send about themselves say so, by any of these ids (two services that
-- start at once make two), and are not taken by itself.
CREATE TABLE IF NOT EXISTS installation
(
    id String COMMENT 'a UUID',
    made_at DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = MergeTree
ORDER BY (made_at, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
