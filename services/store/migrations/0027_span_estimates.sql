-- What the call does not say itself: tokens counted in its texts, and which of its owners a rule gave, so that rules that
-- change can be applied again.
ALTER TABLE spans
    ADD COLUMN IF NOT EXISTS estimated_input_tokens UInt64 COMMENT '0 unless usage_state is estimated' CODEC(T64, ZSTD(1)) AFTER units,
    ADD COLUMN IF NOT EXISTS estimated_output_tokens UInt64 CODEC(T64, ZSTD(1)) AFTER estimated_input_tokens,
    ADD COLUMN IF NOT EXISTS mapped_ownership UInt8 COMMENT 'team 1, cost_centre 2, feature 4, prompt 8, release 16: given by a rule' CODEC(T64, ZSTD(1)) AFTER credential;
