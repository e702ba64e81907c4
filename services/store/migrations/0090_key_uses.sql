-- When each API key was last seen: one row a key and process, written at most once a minute.
CREATE TABLE IF NOT EXISTS key_uses
(
    key_id String,
    used_at DateTime('UTC')
)
ENGINE = ReplacingMergeTree(used_at)
ORDER BY key_id
SETTINGS fsync_after_insert = 0;
