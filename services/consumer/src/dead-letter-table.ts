import { createHash } from "node:crypto";
import { deadLetterHeader, recordHeader } from "@spanhouse/bus/bus";
import type { DeadLetterPublisher } from "@spanhouse/bus/dead-letters";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { RowBinaryWriter } from "@spanhouse/store/row-binary";

const columns = [
  ...["id", "project", "topic", "partition", "offset", "record_time", "key", "value", "headers"],
  ...["code", "stage", "message"],
] as const;

/** Letters as rows of `dead_letters`: where there is no Kafka, this is where they wait for their repair. */
export function createDeadLetterTable(clickhouse: ClickHouse): DeadLetterPublisher {
  return {
    async publish(letters) {
      if (letters.length === 0) return { kind: "acknowledged" };
      const w = new RowBinaryWriter();
      for (const { key, value, headers } of letters) {
        const header = (name: string): string => headers[name] ?? "";
        w.string(idOf(value, headers));
        w.string(header(recordHeader.project));
        w.string(header(recordHeader.originTopic));
        w.uint32(Number(within(header(recordHeader.originPartition), 2n ** 32n)));
        w.uint64(within(header(recordHeader.originOffset), 2n ** 64n));
        w.int64(within(header(recordHeader.originTimestamp), 2n ** 63n));
        w.slice({ bytes: key ?? new Uint8Array(0), start: 0, end: key?.length ?? 0 });
        w.slice({ bytes: value, start: 0, end: value.length });
        const entries = Object.entries(headers);
        w.arrayLength(entries.length);
        for (const [name, text] of entries) {
          w.string(name);
          w.string(text);
        }
        w.string(header(deadLetterHeader.code));
        w.string(header(deadLetterHeader.stage));
        w.string(header(deadLetterHeader.message));
      }
      await clickhouse.insert("dead_letters", columns, w.bytes());
      return { kind: "acknowledged" };
    },
    close: async () => undefined,
  };
}

/** A record that was published again brings its origin in headers, which anybody can write: 0 for what is no number. */
function within(text: string, limit: bigint): bigint {
  const value = /^\d{1,20}$/.test(text) ? BigInt(text) : 0n;
  return value < limit ? value : 0n;
}

/** The same letter twice is one row, whichever delivery of its record brought it. */
function idOf(value: Uint8Array, headers: Readonly<Record<string, string>>): string {
  const hash = createHash("sha256").update(value);
  const fixed = [recordHeader.project, deadLetterHeader.code, deadLetterHeader.message];
  for (const name of fixed) hash.update(`\0${headers[name] ?? ""}`);
  return hash.digest("hex").slice(0, 32);
}
