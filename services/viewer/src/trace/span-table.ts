import type { TreeNode } from "../api/client.ts";
import { picoDollars } from "../format/money.ts";
import { microsecondsBetween } from "../format/time.ts";
import { nodeOf, type SpanColumns, type SpanNode } from "./span-node.ts";

/**
 * The spans of a trace as columns, in the order of the tree (depth first, siblings by start): 100,000 spans are a few
 * megabytes. A span is its index. Pages are appended as they come; `size` says how many are here.
 */
export interface SpanTable {
  readonly size: number;
  readonly ids: readonly string[];
  node(index: number): SpanNode;
  indexOf(spanId: string): number | undefined;
  /** −1: none. */
  readonly parent: Int32Array;
  readonly depth: Int32Array;
  readonly descendants: Int32Array;
  /** µs from `origin`. */
  readonly start: Float64Array;
  /** µs; of a running span, 0. */
  readonly duration: Float64Array;
  readonly running: Uint8Array;
  /** Pico-dollars, exact plus estimated. */
  readonly cost: BigInt64Array;
  /** RFC 3339: the earliest start. */
  readonly origin: string;
}

export interface SpanTableBuilder {
  append(nodes: readonly TreeNode[]): void;
  appendColumns(page: SpanColumns): void;
  /** A snapshot that later appends do not change. */
  table(): SpanTable;
}

/** `capacity`: how many spans there will be; `origin` may be later than some start, which is negative then. */
export function createSpanTable(origin: string, capacity: number): SpanTableBuilder {
  const nodes: SpanNode[] = [];
  const ids: string[] = [];
  const indexes = new Map<string, number>();
  const parent = new Int32Array(capacity).fill(-1);
  const depth = new Int32Array(capacity);
  const descendants = new Int32Array(capacity);
  const start = new Float64Array(capacity);
  const durations = new Float64Array(capacity);
  const running = new Uint8Array(capacity);
  const cost = new BigInt64Array(capacity);
  /** The last span of each depth: the parent of the next deeper one. */
  const path: number[] = [];

  function add(node: SpanNode, startUs: number): void {
    const at = nodes.length;
    if (at >= capacity) return;
    nodes.push(node);
    ids.push(node.span_id);
    indexes.set(node.span_id, at);
    path.length = node.depth;
    parent[at] = path[node.depth - 1] ?? -1;
    path[node.depth] = at;
    depth[at] = node.depth;
    descendants[at] = node.descendants;
    start[at] = startUs;
    durations[at] = node.duration_us;
    running[at] = node.open ? 1 : 0;
    cost[at] = picoDollars(node.cost) + picoDollars(node.estimated_cost);
  }

  return {
    append(page) {
      for (const node of page) add(node, microsecondsBetween(origin, node.start_time));
    },
    appendColumns(page) {
      const first = microsecondsBetween(origin, page.start_time);
      for (let row = 0; row < page.rows; row++) {
        add(nodeOf(page, row), first + Math.floor(page.columns.start_ns[row]! / 1000));
      }
    },
    table() {
      const size = nodes.length;
      return {
        ...{ size, ids, parent, depth, descendants, start, running, cost, origin },
        duration: durations,
        node: (index) => nodes[index]!,
        indexOf: (spanId) => {
          const index = indexes.get(spanId);
          return index !== undefined && index < size ? index : undefined;
        },
      };
    },
  };
}

/** The children of a span, or of the root that nobody sent (−1), among those that have come. */
export function* childrenOf(table: SpanTable, parent: number): Generator<number> {
  const end = parent === -1 ? table.size : Math.min(table.size, parent + table.descendants[parent]! + 1);
  for (let child = parent + 1; child < end; child += table.descendants[child]! + 1) yield child;
}

/** µs from the origin; a running span ends at `now`. */
export function endOf(table: SpanTable, index: number, now: number): number {
  const start = table.start[index]!;
  return table.running[index] ? Math.max(start, now) : start + table.duration[index]!;
}
