import type { PlacedSpan } from "./span-tree.ts";

/** What follows from the keys, times and money of all spans of a trace. Arrays are in the tree's order. */
export interface TraceTree {
  readonly syntheticRoot: boolean;
  readonly spans: readonly PlacedSpan[];
  /** Of the earliest span, Unix ns. */
  readonly start: bigint;
  readonly durationUs: number;
  /** After `start`, ns. */
  readonly startNs: Float64Array;
  readonly selfUs: Float64Array;
  readonly criticalUs: Float64Array;
  /** Pico-dollars. */
  readonly subtreeCost: readonly bigint[];
  readonly cost: bigint;
}
