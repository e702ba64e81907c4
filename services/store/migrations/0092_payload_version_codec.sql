-- As of spans: the bits of the hash lie between bits that are mostly the same.
ALTER TABLE span_payloads MODIFY COLUMN version CODEC(T64('bit'), ZSTD(1));
