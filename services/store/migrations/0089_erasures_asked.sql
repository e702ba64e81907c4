-- An erasure that was asked for over the API: a consumer works it off, and a run of it that died is begun again.
ALTER TABLE erasures
    MODIFY COLUMN event Enum8('begun' = 1, 'ended' = 2, 'asked' = 3);
