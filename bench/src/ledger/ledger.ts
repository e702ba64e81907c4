import type { TallyName } from "./measures.ts";

/** Sums of a tally's measures, in their order, as whole numbers in text. */
export type Sums = readonly string[];

/** dimension → `project value` → sums. */
export type StoredTally = Readonly<Record<string, Readonly<Record<string, Sums>>>>;

/** One trace: project, trace id, then `traceColumns`, all as text. */
export type TraceLine = readonly string[];

/** What every total in the store must be. */
export interface Ledger {
  readonly projects: readonly string[];
  /** Unix seconds of the midnights around everything. */
  readonly from: number;
  readonly to: number;
  readonly tallies: Readonly<Record<TallyName, StoredTally>>;
  readonly traces: readonly TraceLine[];
}
