-- Each attempt to tell a receiver of an event. What alert_events has to tell and no row here says was sent is the outbox.
CREATE TABLE IF NOT EXISTS alert_deliveries
(
    project LowCardinality(String),
    episode String,
    event Enum8('firing' = 1, 'resolved' = 2),
    receiver String,
    attempt UInt32,
    outcome Enum8('sent' = 1, 'failed' = 2, 'abandoned' = 3),
    problem String,
    at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (project, episode, event, receiver, attempt)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
