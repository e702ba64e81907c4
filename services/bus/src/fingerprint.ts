import { createHash } from "node:crypto";
import type { InboundRecord } from "./bus.ts";

/**
 * What tells one record from another at the same offset of a re-created log: a hash of offset, timestamp, key and
 * value, as 32 hex digits.
 */
export function fingerprintOf(record: Pick<InboundRecord, "offset" | "timestamp" | "key" | "value">): string {
  const { offset, timestamp, key, value } = record;
  const hash = createHash("sha256").update(`${offset}|${timestamp}|${key ? key.length : "null"}|`);
  if (key) hash.update(key);
  return hash.update(value).digest("hex").slice(0, 32);
}
