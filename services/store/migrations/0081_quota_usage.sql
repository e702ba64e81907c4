-- What gateways let in, of projects that have a limit. Sets and greatest values only: a repeated write changes nothing,
-- and what was counted never falls. For admission, never for the bill.
CREATE TABLE IF NOT EXISTS quota_usage
(
    project String,
    month Date COMMENT 'its first day, UTC',
    gateway String COMMENT 'one run of one gateway',
    traces AggregateFunction(uniqCombined64, String) COMMENT 'trace ids; a trace by two gateways is one',
    spans SimpleAggregateFunction(max, UInt64) COMMENT 'by this run, in this month',
    bytes SimpleAggregateFunction(max, UInt64),
    seen_at SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (project, month, gateway)
TTL month + INTERVAL 13 MONTH;
