-- Lines of an entry of statements: of entry 0 the figures, of later entries what they had become less than was stated.
CREATE TABLE IF NOT EXISTS statement_lines
(
    id String COMMENT 'of the entry',
    team String,
    cost_centre String,
    feature String,
    provider String,
    model String COMMENT 'as answered, else as asked for',
    calls Int64,
    unpriced_calls Int64 COMMENT 'of calls: usage or model unknown, cost 0',
    input_tokens Int64,
    cache_read_tokens Int64,
    cache_write_tokens Int64,
    output_tokens Int64,
    cost Decimal(38, 12) COMMENT 'USD, exact',
    estimated_cost Decimal(38, 12) COMMENT 'USD'
)
ENGINE = MergeTree
ORDER BY (id, team, cost_centre, feature, provider, model)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
