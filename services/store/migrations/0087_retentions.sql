-- For how many days what of a project is kept: one row a change, append-only; the last of each (project, kept) counts.
CREATE TABLE IF NOT EXISTS retentions
(
    project LowCardinality(String) COMMENT 'empty: projects that say nothing themselves',
    kept LowCardinality(String) COMMENT 'payloads, spans, rollups or open_spans',
    days UInt32 COMMENT '0: for ever',
    inherit Bool COMMENT 'the project says nothing any more: days is of all projects',
    changed_by String,
    reason String,
    changed_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY (project, kept, changed_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
