-- How far a rule is evaluated, and what its groups are about to do. Which of them fire is told by alert_events alone.
CREATE TABLE IF NOT EXISTS alert_progress
(
    project LowCardinality(String),
    rule String,
    evaluated_to DateTime('UTC') COMMENT 'end of the last window',
    states String COMMENT 'JSON: by group, since when it is breached or over',
    settled Bool COMMENT 'false: not all spans of its last minute were known to be there',
    problem String COMMENT 'why the next evaluation failed',
    written_at DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree(evaluated_to)
ORDER BY (project, rule)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
