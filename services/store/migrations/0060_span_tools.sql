-- The tools that a call's answer asks for, and those whose results its request brought back: what spans of tools a trace
-- should have is known without its texts.
ALTER TABLE spans
    ADD COLUMN IF NOT EXISTS called_tools Array(LowCardinality(String)) COMMENT 'names, at most 32' CODEC(ZSTD(1)) AFTER finish_reasons,
    ADD COLUMN IF NOT EXISTS called_tool_ids Array(String) COMMENT 'ids of called_tools, empty where the provider gives none' CODEC(ZSTD(1)) AFTER called_tools,
    ADD COLUMN IF NOT EXISTS returned_tool_calls Array(String) COMMENT 'the last 32 by id, or by name where there is none' CODEC(ZSTD(1)) AFTER called_tool_ids;
