import { randomBytes } from "node:crypto";
import type { TraceKey } from "@spanhouse/store/traces/trace-key";
import type { StoredTrace } from "@spanhouse/store/traces/trace-reader";

/** What is known of a trace without asking the store. */
export type Known =
  /** All rows that this process has written of it, which are all there are unless somebody else has written some. */
  | { readonly kind: "live"; readonly trace: StoredTrace }
  /** This process has written none of it. */
  | { readonly kind: "new" }
  /** This process wrote some and has forgotten them: only the store knows. */
  | { readonly kind: "let-go" };

/**
 * The traces that this process has written last, so that a flush need not read them back. It holds only for traces that
 * nobody else has written: the caller asks the store for other writers, after its own rows are acknowledged.
 */
export interface LiveTraces {
  /** What this process writes itself down as in `trace_buckets`, a UInt64. Changes only in `trim`. */
  readonly writer: bigint;
  find(key: TraceKey): Known;
  /** The trace whole, with the marks that its stored rows have. */
  keep(trace: StoredTrace): void;
  forget(key: TraceKey): void;
  /** Lets the traces go that were kept longest ago, down to the bound. Between two flushes only. */
  trim(): void;
}

/** How many traces are remembered as let go before this process becomes another writer, to whom they are foreign. */
const greatestLetGo = 200_000;

/** `maxRows`: of all traces together; a row takes about 1 kB. */
export function createLiveTraces(maxRows: number): LiveTraces {
  let writer = drawWriter();
  let rows = 0;
  /** In the order in which they were kept last. */
  const traces = new Map<string, StoredTrace>();
  const letGo = new Set<string>();

  function drop(key: string): void {
    const known = traces.get(key);
    if (!known) return;
    traces.delete(key);
    rows -= known.rows.length;
  }

  return {
    get writer() {
      return writer;
    },
    find(trace) {
      const key = keyOf(trace);
      const known = traces.get(key);
      if (known) return { kind: "live", trace: known };
      return letGo.has(key) ? { kind: "let-go" } : { kind: "new" };
    },
    keep(trace) {
      const key = keyOf(trace);
      drop(key);
      letGo.delete(key);
      traces.set(key, trace);
      rows += trace.rows.length;
    },
    forget(trace) {
      const key = keyOf(trace);
      drop(key);
      letGo.add(key);
    },
    trim() {
      for (const key of traces.keys()) {
        if (rows <= maxRows) break;
        drop(key);
        letGo.add(key);
      }
      if (letGo.size <= greatestLetGo) return;
      // Traces that are still kept are foreign now too, and read once when they go on.
      writer = drawWriter();
      traces.clear();
      letGo.clear();
      rows = 0;
    },
  };
}

function keyOf({ traceId, project }: TraceKey): string {
  return `${traceId} ${project}`;
}

/** A UInt64 that no other process has. */
export function drawWriter(): bigint {
  return randomBytes(8).readBigUInt64LE();
}
