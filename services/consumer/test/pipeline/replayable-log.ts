import type { InboundBatch, InboundRecord, Position, SpanSubscriber } from "@spanhouse/bus/bus";

/**
 * A span log of fixed records, in the batches that it is told, which remembers over consumers what was committed; or, as
 * the embedded bus does, what was stored (`redelivers` false): that it never delivers again, rolled up or not.
 */
export interface ReplayableLog {
  /** The next consumer, which begins at the committed position. Its batches end when the log does. */
  subscriber(): SpanSubscriber;
  readonly committed: bigint;
}

const topic = "otlp_spans";

export function createReplayableLog(
  values: readonly Uint8Array[],
  batchSizes: readonly number[],
  { project, redelivers }: { readonly project: string; readonly redelivers: boolean },
): ReplayableLog {
  const header = new TextEncoder().encode(project);
  const records = values.map(
    (value, offset): InboundRecord => ({
      topic,
      partition: 0,
      offset: BigInt(offset),
      key: null,
      value,
      headers: { "spanhouse-project": header },
      timestamp: 0,
    }),
  );
  let committed = 0n;
  let generation = 0;

  return {
    get committed() {
      return committed;
    },
    subscriber() {
      const mine = ++generation;
      let closed = false;
      return {
        redelivers,
        async *batches(): AsyncGenerator<InboundBatch> {
          for (let at = Number(committed), n = 0; at < records.length && !closed; n++) {
            const size = batchSizes[n % batchSizes.length]!;
            const taken = records.slice(at, at + size);
            at += taken.length;
            const position: Position = { topic, partition: 0, next: BigInt(at), fingerprint: String(at), timestamp: 0 };
            // Though more wait: rolls come between, as they do where a consumer keeps up.
            yield { generation: mine, records: taken, positions: [position], more: false };
          }
        },
        stored({ positions }) {
          if (!redelivers) for (const { next } of positions) committed = next;
        },
        holds: (of) => of === generation,
        async commit(of, positions) {
          if (of !== generation) return false;
          if (redelivers) for (const { next } of positions) committed = next;
          return true;
        },
        lag: async () => new Map(),
        async close() {
          closed = true;
        },
      };
    },
  };
}
