import type { InboundRecord, ReadLimits } from "../bus.ts";

/** Records of one assignment that were fetched and not yet asked for. */
export interface Taken {
  readonly generation: number;
  readonly records: readonly InboundRecord[];
  /** Others wait behind them. */
  readonly more: boolean;
}

/** Records that came by one fetch, in order; `at` is the first that was not taken. */
interface Chunk {
  readonly records: readonly InboundRecord[];
  readonly arrivedAt: number;
  at: number;
}

export interface ReadAheadOptions {
  /** Bytes of values above which it is full. The fetch that was under way may still come on top. */
  readonly maxBytes: number;
  /** It became full, or was emptied to half: fetching should stop, or go on. */
  readonly onFlow: (full: boolean) => void;
}

/** The bounded queue between Kafka's fetches and the batches that a consumer asks for. */
export interface ReadAhead {
  readonly full: boolean;
  push(records: readonly InboundRecord[]): void;
  /** Forgets what belongs to an older assignment. */
  reset(generation: number): void;
  /** The next batch by the port's limits; undefined once closed. Throws the error it failed with. */
  take(limits: ReadLimits): Promise<Taken | undefined>;
  fail(error: unknown): void;
  close(): void;
}

export function createReadAhead({ maxBytes, onFlow }: ReadAheadOptions): ReadAhead {
  let generation = 0;
  let chunks: Chunk[] = [];
  let bytes = 0;
  let full = false;
  let ended: { readonly error?: unknown } | undefined;
  let wake = () => {};

  /** Hysteresis, so that fetching does not stop and go with every record. */
  function updateFlow() {
    const next = full ? bytes > maxBytes / 2 : bytes >= maxBytes;
    if (next === full) return;
    full = next;
    onFlow(full);
  }

  function splice(limit: number): Taken {
    const records: InboundRecord[] = [];
    let size = 0;
    while (chunks[0] && (records.length === 0 || size < limit)) {
      const chunk = chunks[0];
      const record = chunk.records[chunk.at]!;
      if (records.length > 0 && size + record.value.length > limit) break;
      records.push(record);
      size += record.value.length;
      chunk.at += 1;
      if (chunk.at === chunk.records.length) chunks.shift();
    }
    bytes -= size;
    updateFlow();
    return { generation, records, more: chunks.length > 0 };
  }

  /** Until something changes, or that many milliseconds passed. */
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
    get full() {
      return full;
    },
    push(records) {
      if (records.length === 0) return;
      chunks.push({ records, arrivedAt: performance.now(), at: 0 });
      for (const record of records) bytes += record.value.length;
      updateFlow();
      wake();
    },
    reset(next) {
      generation = next;
      chunks = [];
      bytes = 0;
      updateFlow();
      wake();
    },
    async take(limits) {
      const asked = performance.now();
      while (!ended) {
        const waited = performance.now() - (chunks[0]?.arrivedAt ?? asked);
        if (bytes >= limits.maxBytes || full || waited >= limits.maxWaitMs) return splice(limits.maxBytes);
        await change(limits.maxWaitMs - waited);
      }
      if ("error" in ended) throw ended.error;
      return undefined;
    },
    fail(error) {
      ended ??= { error };
      wake();
    },
    close() {
      ended ??= {};
      wake();
    },
  };
}
