-- Who restamped stored rows with which prices and rules: two rows a run, as it begins and as it ends. Append-only. A run
-- without an end died, or is still going on: what it had restamped may not be summed up, so that the next goes through all.
CREATE TABLE IF NOT EXISTS repricings
(
    run UUID,
    number UInt16 COMMENT 'of activations, kind price',
    event Enum8('begun' = 1, 'ended' = 2),
    changed_by String,
    reason String,
    rows UInt64 COMMENT 'restamped; 0 when begun',
    cost_change Decimal(38, 12) COMMENT 'USD, exact cost of what counts',
    estimated_cost_change Decimal(38, 12),
    at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY (number, run, event)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
