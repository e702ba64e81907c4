import type { TraceTree } from "./trace-tree.ts";

/**
 * The trees of large traces, so that their pages do not each build it anew. An entry holds for one state of its trace: what
 * the trace's rank, which rises with every change, and its announced spans say. Bounded by bytes, the least recently used
 * go first.
 */
export interface LayoutCache {
  get(trace: string, state: string): TraceTree | undefined;
  /** Whether some state of the trace is held: then it is large. */
  knows(trace: string): boolean;
  put(trace: string, state: string, tree: TraceTree): void;
}

/** Of a span of a tree, about: its places, its ids, its numbers; measured as heap of a tree of 100,000. */
const bytesPerSpan = 400;

export function createLayoutCache({ maxBytes }: { readonly maxBytes: number }): LayoutCache {
  const held = new Map<string, { readonly state: string; readonly tree: TraceTree; readonly bytes: number }>();
  let bytes = 0;
  function drop(trace: string): void {
    bytes -= held.get(trace)?.bytes ?? 0;
    held.delete(trace);
  }
  return {
    knows: (trace) => held.has(trace),
    get(trace, state) {
      const entry = held.get(trace);
      if (entry === undefined || entry.state !== state) return undefined;
      held.delete(trace);
      held.set(trace, entry);
      return entry.tree;
    },
    put(trace, state, tree) {
      drop(trace);
      const size = tree.spans.length * bytesPerSpan;
      if (size > maxBytes) return;
      held.set(trace, { state, tree, bytes: size });
      bytes += size;
      for (const oldest of held.keys()) {
        if (bytes <= maxBytes) break;
        drop(oldest);
      }
    },
  };
}
