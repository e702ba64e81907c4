-- Who wrote rows of the trace in that minute: a process under a number that it drew when it started. A process that finds
-- no other writer of a trace, after its own rows are acknowledged, knows all rows of it (docs/exactness.md).
ALTER TABLE trace_buckets
    ADD COLUMN IF NOT EXISTS writer UInt64,
    MODIFY ORDER BY (project, trace_id, bucket, writer);
