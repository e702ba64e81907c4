import { describe, expect, it } from "vitest";
import type { InboundRecord, Position } from "../src/bus.ts";
import { fingerprintOf } from "../src/fingerprint.ts";
import { createPartitionReader } from "../src/kafka/partition-reader.ts";
import { startOf } from "../src/kafka/start-position.ts";

function record(offset: number, text = `${offset}`): InboundRecord {
  const value = Buffer.from(text);
  return { topic: "t", partition: 0, offset: BigInt(offset), key: null, value, headers: {}, timestamp: 1 };
}

const checkpointAfter = (last: InboundRecord): Position => ({
  topic: "t",
  partition: 0,
  next: last.offset + 1n,
  fingerprint: fingerprintOf(last),
  timestamp: 1,
});

const checkpoint = checkpointAfter(record(9));
const verify = { offset: 9n, fingerprint: checkpoint.fingerprint };

describe("where a partition starts", () => {
  it.for([
    ["no checkpoint: from the beginning, whatever the group says", { low: 3n, committed: 7n }, { low: 3n, from: 3n }],
    ["the checkpoint's last record, when the group has no offset", { checkpoint }, { low: 0n, from: 9n, verify }],
    ["the group's offset, when it is less", { checkpoint, committed: 4n }, { low: 0n, from: 4n, verify }],
    ["the checkpoint, when the group is ahead", { checkpoint, committed: 15n }, { low: 0n, from: 10n, verify }],
    ["the beginning, when the log ends before the checkpoint", { checkpoint, high: 9n }, { low: 0n, from: 0n }],
    [
      "what is left, when retention passed the group's offset",
      { checkpoint, committed: 4n, low: 6n },
      { low: 6n, from: 6n, verify },
    ],
    ["what is left, when retention passed the checkpoint", { checkpoint, low: 12n }, { low: 12n, from: 12n }],
  ] as const)("%s", ([, known, expected]) => {
    expect(startOf({ low: 0n, high: 20n, committed: undefined, checkpoint: undefined, ...known })).toEqual(expected);
  });
});

describe("reading a partition", () => {
  const fetched = (...records: InboundRecord[]) => ({
    from: records[0]!.offset,
    last: records.at(-1)!.offset,
    records,
  });

  it("hands out what follows the record of the checkpoint", () => {
    const reader = createPartitionReader({ low: 0n, from: 10n, verify });
    expect(reader.expected).toBe(9n);
    expect(reader.read(fetched(record(9), record(10)))).toEqual({ kind: "records", records: [record(10)] });
    expect(reader.read(fetched(record(11)))).toEqual({ kind: "records", records: [record(11)] });
  });

  it("goes back to the group's offset once the log has proved to be the known one", () => {
    const reader = createPartitionReader({ low: 0n, from: 4n, verify });
    expect(reader.read(fetched(record(9)))).toEqual({ kind: "seek", to: 4n, replaced: false });
    expect(reader.read(fetched(record(4), record(5)))).toMatchObject({ kind: "records" });
  });

  it.for([
    ["another record lies there", record(9, "other")],
    ["the record is gone", record(12)],
  ] as const)("starts at the beginning when %s", ([, found]) => {
    const reader = createPartitionReader({ low: 2n, from: 10n, verify });
    expect(reader.read({ from: 9n, last: found.offset, records: [found] })).toEqual({
      kind: "seek",
      to: 2n,
      replaced: true,
    });
  });

  it("takes nothing that it did not ask for", () => {
    const reader = createPartitionReader({ low: 0n, from: 0n });
    expect(reader.read(fetched(record(5)))).toEqual({ kind: "astray" });
  });

  it("follows over offsets that hold no record, but only from where it is", () => {
    const reader = createPartitionReader({ low: 0n, from: 5n });
    reader.skip(7n, 8n);
    expect(reader.expected).toBe(5n);
    reader.skip(5n, 6n);
    expect(reader.read(fetched(record(7)))).toMatchObject({ kind: "records" });
  });
});
