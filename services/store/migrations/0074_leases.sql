-- Who of several replicas does what only one should: the first to claim a term holds it until it lets it run out.
CREATE TABLE IF NOT EXISTS leases
(
    resource LowCardinality(String),
    term UInt64,
    holder String,
    until DateTime64(3, 'UTC'),
    at DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = MergeTree
ORDER BY (resource, term, at)
TTL toDateTime(until) + INTERVAL 1 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
