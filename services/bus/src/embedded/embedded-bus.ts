import type {
  InboundBatch,
  InboundRecord,
  OutboundRecord,
  PublishOutcome,
  SpanPublisher,
  SpanSubscriber,
} from "../bus.ts";
import { positionsAfter } from "../positions.ts";

export interface EmbeddedBusOptions {
  /** Bytes of values published and not yet stored; a publish that would pass it is refused at once. */
  readonly maxBytes: number;
  /** A larger value is never taken. */
  readonly maxRecordBytes: number;
  /** A publish is answered after this long, whatever the store does. */
  readonly deadlineMs?: number;
}

/** A publish that waits until all its records are stored. */
interface Publication {
  unstored: number;
  answer: (outcome: PublishOutcome) => void;
}

interface Entry {
  readonly record: InboundRecord;
  readonly publication: Publication;
  readonly arrivedAt: number;
}

const topic = "otlp_spans";
const partition = 0;
const encoder = new TextEncoder();

/**
 * The span log within one process. It keeps nothing by itself: `publish` is acknowledged when the batch that holds its
 * last record was `stored`, so that what is acknowledged lies in the store; everything else is answered `unavailable`
 * and comes again from its client. Every `batches()` is a new generation and ends the one before.
 */
export function createEmbeddedBus(options: EmbeddedBusOptions): SpanPublisher & SpanSubscriber {
  const { maxBytes, maxRecordBytes, deadlineMs = 30_000 } = options;
  let generation = 0;
  let subscribed = false;
  let closed = false;
  /** Published and not handed out. */
  let queue: Entry[] = [];
  let queuedBytes = 0;
  /** Handed out in this generation and not stored. */
  let handedOut = new Map<InboundBatch, readonly Entry[]>();
  let unstoredBytes = 0;
  /** Starts at the clock's microseconds, so that offsets increase over restarts too. */
  let end = BigInt(Date.now()) * 1000n;
  let worked = end;
  let wake = () => {};

  function settle(entries: readonly Entry[], outcome: PublishOutcome): void {
    for (const { record, publication } of entries) {
      unstoredBytes -= record.value.length;
      publication.unstored -= 1;
      if (outcome.kind !== "acknowledged" || publication.unstored === 0) publication.answer(outcome);
    }
  }

  /** Records that a consumer took and never stored are its publishers' again. */
  function abandonHandedOut(): void {
    const abandoned = [...handedOut.values()];
    handedOut = new Map();
    for (const entries of abandoned) settle(entries, unavailable("the consumer went before storing it"));
    worked = queue[0]?.record.offset ?? end;
  }

  function splice(limit: number): Entry[] {
    let bytes = 0;
    const stop = queue.findIndex(({ record }, index) => {
      bytes += record.value.length;
      return index > 0 && bytes > limit;
    });
    const entries = queue.splice(0, stop === -1 ? queue.length : stop);
    for (const { record } of entries) queuedBytes -= record.value.length;
    return entries;
  }

  function change(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    redelivers: false,

    publish(records) {
      if (closed) return Promise.resolve(unavailable("the bus is closed"));
      const rejected = records.flatMap(({ value }, index) => (value.length > maxRecordBytes ? [index] : []));
      const taken = records.filter(({ value }) => value.length <= maxRecordBytes);
      const bytes = taken.reduce((sum, { value }) => sum + value.length, 0);
      if (unstoredBytes + bytes > maxBytes) {
        return Promise.resolve(unavailable(`${unstoredBytes} bytes wait for the store`));
      }
      const done: PublishOutcome =
        rejected.length === 0
          ? { kind: "acknowledged" }
          : { kind: "rejected", indexes: rejected, message: `larger than ${maxRecordBytes} bytes` };
      if (taken.length === 0) return Promise.resolve(done);

      return new Promise((resolve) => {
        const late = () => resolve(unavailable(`not stored within ${deadlineMs} ms`));
        const timer = setTimeout(late, deadlineMs);
        const publication: Publication = {
          unstored: taken.length,
          answer: (outcome) => {
            clearTimeout(timer);
            resolve(outcome.kind === "acknowledged" ? done : outcome);
          },
        };
        for (const record of taken) {
          queue.push({ record: inbound(record, end), publication, arrivedAt: performance.now() });
          end += 1n;
        }
        queuedBytes += bytes;
        unstoredBytes += bytes;
        wake();
      });
    },

    ready: () => Promise.resolve(subscribed && !closed && unstoredBytes < maxBytes),

    async *batches(limits) {
      const mine = ++generation;
      abandonHandedOut();
      wake();
      subscribed = true;
      try {
        for (let asked = performance.now(); mine === generation && !closed; ) {
          const waited = performance.now() - (queue[0]?.arrivedAt ?? asked);
          if (queuedBytes < limits.maxBytes && waited < limits.maxWaitMs) {
            await change(limits.maxWaitMs - waited);
            continue;
          }
          const entries = splice(limits.maxBytes);
          const records = entries.map(({ record }) => record);
          const batch: InboundBatch = {
            generation,
            records,
            positions: positionsAfter(records),
            more: queue.length > 0,
          };
          if (entries.length > 0) handedOut.set(batch, entries);
          yield batch;
          asked = performance.now();
        }
      } finally {
        if (mine === generation) subscribed = false;
      }
    },

    stored(batch) {
      const entries = handedOut.get(batch);
      if (!entries) return;
      handedOut.delete(batch);
      settle(entries, { kind: "acknowledged" });
    },

    holds: (of) => of === generation && !closed,

    async commit(of, positions) {
      if (of !== generation || closed) return false;
      for (const { next } of positions) if (next > worked) worked = next;
      return true;
    },

    lag: async () => new Map([[partition, end - worked]]),

    async close() {
      closed = true;
      const queued = queue;
      queue = [];
      queuedBytes = 0;
      settle(queued, unavailable("the bus is closed"));
      abandonHandedOut();
      wake();
    },
  };

  function inbound({ key, value, headers }: OutboundRecord, offset: bigint): InboundRecord {
    const encoded: Record<string, Uint8Array> = {};
    for (const name in headers) encoded[name] = encoder.encode(headers[name]);
    return { topic, partition, offset, key: encoder.encode(key), value, headers: encoded, timestamp: Date.now() };
  }
}

function unavailable(message: string): PublishOutcome {
  return { kind: "unavailable", message, retryAfterSeconds: 1 };
}
