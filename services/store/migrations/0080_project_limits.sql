-- What a project may send; 0: without limit. A project that is not here has what its gateways' configuration says.
CREATE TABLE IF NOT EXISTS project_limits
(
    project String,
    version UInt64,
    traces_month UInt64,
    spans_second UInt64,
    bytes_second UInt64,
    changed_at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(version)
ORDER BY project
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
