-- A month of a project as it was closed (entry 0), and each later change of its figures (entries 1, 2, …). Append-only;
-- the lines of an entry are in statement_lines, written before it. Of two entries of one number the least id counts.
CREATE TABLE IF NOT EXISTS statements
(
    project LowCardinality(String),
    month String COMMENT '2026-10',
    entry UInt16,
    id String COMMENT 'a UUID',
    time_zone String COMMENT 'IANA; of the bounds of the month',
    from_time DateTime('UTC'),
    to_time DateTime('UTC'),
    currency String COMMENT 'ISO 4217',
    rate Decimal(18, 12) COMMENT 'of that currency for one USD; stored amounts are USD',
    rate_date String COMMENT '2026-10-31; empty for USD',
    closed_by String,
    closed_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY (project, month, entry, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
