import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type {
  CheckpointLookup,
  InboundBatch,
  InboundRecord,
  OutboundRecord,
  Position,
  PublishOutcome,
  SpanPublisher,
  SpanSubscriber,
} from "../src/bus.ts";
import { fingerprintOf } from "../src/fingerprint.ts";

/** One log, empty when it is opened, and those who work with it. */
export interface BusUnderTest {
  publisher(): SpanPublisher;
  /** Another consumer of the same group, in place of one that has gone. */
  subscriber(checkpoint: CheckpointLookup): SpanSubscriber;
  /** What its publisher hears of records that a consumer took, never stored, and died. */
  readonly unstored: PublishOutcome["kind"];
  /** The consumer is gone without a word; its successor may come at once. */
  abandon(subscriber: SpanSubscriber): Promise<void>;
  close(): Promise<void>;
}

export interface BusBounds {
  readonly maxInFlightBytes: number;
  readonly maxRecordBytes: number;
}

const limits = { maxBytes: 1_000_000, maxWaitMs: 100 };
const bounds: BusBounds = { maxInFlightBytes: 4_000_000, maxRecordBytes: 1_000_000 };

export function recordOf(key: string, text: string, headers: Record<string, string> = {}): OutboundRecord {
  return { key, value: Buffer.from(text), headers };
}

export const textOf = (record: InboundRecord): string => Buffer.from(record.value).toString();

/** What a consumer keeps in its store: the checkpoint of each partition. */
export function createCheckpoints() {
  const positions = new Map<string, Position>();
  return {
    lookup: async (topic: string, partition: number) => positions.get(`${topic}/${partition}`),
    save: (saved: readonly Position[]) => {
      for (const position of saved) positions.set(`${position.topic}/${position.partition}`, position);
    },
  };
}

/** Works like a consumer: takes batches, stores, checkpoints, commits, until `enough` says so of what it has seen. */
export async function consume(
  subscriber: SpanSubscriber,
  enough: (records: readonly InboundRecord[]) => boolean,
  { save, batchLimits = limits }: { save?: (positions: readonly Position[]) => void; batchLimits?: typeof limits } = {},
): Promise<{ records: InboundRecord[]; batches: InboundBatch[] }> {
  const records: InboundRecord[] = [];
  const batches: InboundBatch[] = [];
  for await (const batch of subscriber.batches(batchLimits)) {
    batches.push(batch);
    records.push(...batch.records);
    subscriber.stored(batch);
    save?.(batch.positions);
    if (save) await subscriber.commit(batch.generation, batch.positions);
    if (enough(records)) break;
  }
  return { records, batches };
}

export const count = (n: number) => (records: readonly InboundRecord[]) => records.length >= n;

/** What every implementation of the port must do. */
export function describeBus(name: string, open: (bounds: BusBounds) => Promise<BusUnderTest>): void {
  describe(`${name} as a span log`, () => {
    let bus: BusUnderTest;
    let publisher: SpanPublisher;

    beforeEach(async () => {
      bus = await open(bounds);
      publisher = bus.publisher();
    });
    afterEach(() => bus.close());

    it("delivers records as they were published: key, value, headers", async () => {
      const subscriber = bus.subscriber(async () => undefined);
      const before = Date.now();
      const outcome = publisher.publish([recordOf("a1", "größe", { "content-type": "application/x-protobuf" })]);
      const { records } = await consume(subscriber, count(1));

      expect(await outcome).toEqual({ kind: "acknowledged" });
      const [record] = records;
      expect(Buffer.from(record!.key!).toString()).toBe("a1");
      expect(textOf(record!)).toBe("größe");
      expect(Buffer.from(record!.headers["content-type"]!).toString()).toBe("application/x-protobuf");
      expect(record!.timestamp).toBeGreaterThanOrEqual(before);
      expect(record!.timestamp).toBeLessThanOrEqual(Date.now());
    });

    it("keeps the order of a key, and gives each partition increasing offsets", async () => {
      const subscriber = bus.subscriber(async () => undefined);
      const distinct = (records: readonly InboundRecord[]) => new Set(records.map(textOf)).size;
      const consuming = consume(subscriber, (records) => distinct(records) === 60);
      for (let round = 0; round < 10; round++) {
        const records = ["a", "b", "c"].flatMap((key) => [0, 1].map((n) => recordOf(key, `${key}${round * 2 + n}`)));
        expect(await publisher.publish(records)).toEqual({ kind: "acknowledged" });
      }
      const { records } = await consuming;

      for (const key of ["a", "b", "c"]) {
        const mine = records.filter((record) => Buffer.from(record.key!).toString() === key);
        expect([...new Set(mine.map(textOf))]).toEqual(Array.from({ length: 20 }, (_, n) => `${key}${n}`));
        expect(new Set(mine.map(({ partition }) => partition)).size).toBe(1);
      }
      const last = new Map<number, bigint>();
      for (const { partition, offset } of records) {
        expect(offset).toBeGreaterThan(last.get(partition) ?? -1n);
        last.set(partition, offset);
      }
    });

    it("names the position behind each batch, with the fingerprint of its last record", async () => {
      const subscriber = bus.subscriber(async () => undefined);
      void publisher.publish(["a", "b", "c", "d"].map((key) => recordOf(key, `of ${key}`)));
      const { batches } = await consume(subscriber, count(4));

      for (const { records, positions } of batches) {
        const partitions = new Set(records.map(({ partition }) => partition));
        expect(positions.map(({ partition }) => partition).sort()).toEqual([...partitions].sort());
        for (const { partition, next, fingerprint, timestamp, topic } of positions) {
          const last = records.findLast((record) => record.partition === partition)!;
          expect(topic).toBe(last.topic);
          expect(next).toBe(last.offset + 1n);
          expect(fingerprint).toBe(fingerprintOf(last));
          expect(timestamp).toBe(last.timestamp);
        }
      }
    });

    it("gives empty batches while nothing comes", async () => {
      const subscriber = bus.subscriber(async () => undefined);
      const { batches } = await consume(subscriber, () => true, { batchLimits: { maxBytes: 1_000, maxWaitMs: 20 } });

      expect(batches).toMatchObject([{ records: [], positions: [], more: false }]);
    });

    it("closes a batch before its limit of bytes, but hands out one larger record alone", async () => {
      const subscriber = bus.subscriber(async () => undefined);
      const sizes = [400, 400, 400, 5_000, 100, 100];
      void publisher.publish(sizes.map((size, n) => ({ key: "k", value: Buffer.alloc(size, n), headers: {} })));
      const { batches } = await consume(subscriber, count(6), { batchLimits: { maxBytes: 1_000, maxWaitMs: 500 } });

      const full = batches.map(({ records }) => records.map(({ value }) => value.length)).filter((of) => of.length > 0);
      expect(full.flat()).toEqual(sizes);
      for (const of of full) expect(of.length === 1 || of.reduce((sum, size) => sum + size) <= 1_000).toBe(true);
    });

    it("says of a batch whether more wait behind it", async () => {
      const subscriber = bus.subscriber(async () => undefined);
      void publisher.publish(Array.from({ length: 4 }, () => ({ key: "k", value: Buffer.alloc(400), headers: {} })));
      const { batches } = await consume(subscriber, count(4), { batchLimits: { maxBytes: 1_000, maxWaitMs: 500 } });

      const full = batches.filter(({ records }) => records.length > 0);
      expect(full.map(({ more }) => more)).toEqual(full.map((_, n) => n < full.length - 1));
      expect(full.length).toBeGreaterThan(1);
    });

    it("rejects a record that is too large, while the others of its publish pass", async () => {
      const subscriber = bus.subscriber(async () => undefined);
      const huge = { key: "b", value: Buffer.alloc(bounds.maxRecordBytes + 1), headers: {} };
      const outcome = publisher.publish([recordOf("a", "first"), huge, recordOf("c", "last")]);
      const { records } = await consume(subscriber, count(2));

      expect(await outcome).toMatchObject({ kind: "rejected", indexes: [1] });
      expect(records.map(textOf).sort()).toEqual(["first", "last"]);
    });

    it("refuses at once what passes its bound of bytes, and takes it again afterwards", async () => {
      const subscriber = bus.subscriber(async () => undefined);
      const large = { key: "k", value: Buffer.alloc(900_000), headers: {} };
      const outcomes = await Promise.race([
        Promise.all(Array.from({ length: 8 }, () => publisher.publish([large]).then(({ kind }) => kind))),
        consume(subscriber, () => false),
      ]);
      const kinds = outcomes as string[];

      expect(kinds.slice(0, 4)).toEqual(Array(4).fill("acknowledged"));
      expect(kinds.slice(4)).toEqual(Array(4).fill("unavailable"));
      expect(await publisher.publish([large])).toEqual({ kind: "acknowledged" });
    });

    it("redelivers to the next consumer what was not committed, and acknowledges nothing that could be lost", async () => {
      const checkpoints = createCheckpoints();
      const first = bus.subscriber(checkpoints.lookup);
      const committed = publisher.publish([recordOf("k", "committed")]);
      await consume(first, count(1), { save: checkpoints.save });
      expect(await committed).toEqual({ kind: "acknowledged" });

      const uncommitted = publisher.publish([recordOf("k", "taken, not stored")]);
      for await (const { records } of first.batches(limits)) if (records.length > 0) break;
      await bus.abandon(first);

      const second = bus.subscriber(checkpoints.lookup);
      const later = publisher.publish([recordOf("k", "later")]);
      const { records } = await consume(second, (seen) => seen.some((record) => textOf(record) === "later"));
      expect(await later).toEqual({ kind: "acknowledged" });

      const outcome = await uncommitted;
      expect(outcome.kind).toBe(bus.unstored);
      const delivered = outcome.kind === "acknowledged" ? ["taken, not stored", "later"] : ["later"];
      expect(records.map(textOf)).toEqual(delivered);
    });

    it("moves no position for an older generation", async () => {
      const checkpoints = createCheckpoints();
      const first = bus.subscriber(checkpoints.lookup);
      void publisher.publish([recordOf("k", "one")]);
      const { batches } = await consume(first, count(1));
      const stale = batches.at(-1)!;
      await bus.abandon(first);

      const second = bus.subscriber(checkpoints.lookup);
      void publisher.publish([recordOf("k", "two")]);
      const current = (await consume(second, (seen) => seen.some((record) => textOf(record) === "two"))).batches.at(
        -1,
      )!;
      expect(first.holds(stale.generation)).toBe(false);
      expect(second.holds(current.generation)).toBe(true);
      expect(await first.commit(stale.generation, stale.positions)).toBe(false);
      expect(await second.commit(current.generation - 1, current.positions)).toBe(false);
      expect([...(await second.lag()).values()].some((lag) => lag > 0n)).toBe(true);
      expect(await second.commit(current.generation, current.positions)).toBe(true);
    });

    it("says how many records are not committed yet", async () => {
      const subscriber = bus.subscriber(async () => undefined);
      void publisher.publish(Array.from({ length: 12 }, (_, n) => recordOf(`k${n}`, `${n}`)));
      const consumed = await consume(subscriber, count(12));
      const batches = consumed.batches.filter(({ records }) => records.length > 0);
      const behind = async () => [...(await subscriber.lag()).values()].reduce((sum, lag) => sum + lag, 0n);

      expect(await behind()).toBe(12n);
      for (const { generation, positions } of batches)
        expect(await subscriber.commit(generation, positions)).toBe(true);
      expect(await behind()).toBe(0n);
    });

    it("is ready while someone would take what is published, and not once closed", async () => {
      const subscriber = bus.subscriber(async () => undefined);
      const consuming = consume(subscriber, count(1));
      expect(await publisher.ready()).toBe(true);
      void publisher.publish([recordOf("k", "v")]);
      await consuming;

      await publisher.close();
      expect(await publisher.ready()).toBe(false);
      expect(await publisher.publish([recordOf("k", "v")])).toMatchObject({ kind: "unavailable" });
    });

    it("ends its batches when it is closed", async () => {
      const subscriber = bus.subscriber(async () => undefined);
      const consuming = consume(subscriber, () => false, { batchLimits: { maxBytes: 1_000, maxWaitMs: 60_000 } });
      await delay(50);
      await subscriber.close();

      expect((await consuming).records).toEqual([]);
    });
  });
}
