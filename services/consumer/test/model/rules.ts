/** The protocol has one way; every other value is a negative control, wrong on purpose. */
export interface Rules {
  /** A slice's rank: the sum of its rows' versions. */
  readonly rank: "sum" | "maximum";
  /** ④ dirties all slices of every trace touched. */
  readonly dirty: "touched" | "raised";
  /** In a row's version, marks stand above the price number. */
  readonly version: "marks-above-price" | "price-above-marks";
  /** ② reads when ① is acknowledged. */
  readonly readBack: "acknowledged" | "at-once";
  /** ⑥ follows ⑤. */
  readonly checkpoint: "after-roll" | "before-roll";
  /** A slice is one row, replaced whole. */
  readonly slices: "whole" | "row-per-dimension" | "additive";
  /** Whether the active price number is read again when ① is acknowledged, and the flush derived anew if it moved. */
  readonly price: "read-again" | "read-once";
  /** Whether an hour is closed is asked of the store, when the minutes are acknowledged. */
  readonly closed: "asked-after" | "asked-before";
  /** A summary lies at the greatest bucket of all rows, void ones too. */
  readonly summaryAt: "all-rows" | "counting-rows";
  /** What a re-pricer dirties: its whole range. */
  readonly repriced: "range" | "restamped";
  /** Whether the re-pricer's summaries are of marked rows, as every flush's are. */
  readonly repricerMarks: "in-summary" | "not";
  /**
   * Where the embedded bus begins after a crash: at rows written since the oldest flush that was open when the last
   * checkpoint's dirty set was taken, or since that checkpoint was written.
   */
  readonly rolledFrom: "oldest-open-flush" | "checkpoint";
  /** Which traces a flush takes from memory: those that only its own process has written, asked when ① is acknowledged. */
  readonly memory: "own-traces" | "asked-before" | "any-known";
  /** Which rows of a flush mark each other before they are there: those that come through together, or all of them. */
  readonly knownMarks: "together" | "whole-flush";
  /** Whether a process that let a trace go from memory reads it from the store, or takes it for a new one. */
  readonly letGo: "read" | "new";
  /** Whether the re-pricer writes itself down as a writer of the traces that it restamps. */
  readonly repricer: "announced" | "silent";
  /** Whether a flush asks for erased persons and traces again when ① is acknowledged, and blanks what it had not known. */
  readonly erasure: "asked-again" | "asked-once";
  /** What of an erased trace is blanked before a flush writes blanked rows of it. */
  readonly erasedBefore: "stored-rows" | "nothing";
  /** Whether one blanked row blanks its trace. */
  readonly erasedTrace: "whole" | "row-by-row";
  /** Whether a blanked row's trace is remembered before it is written. */
  readonly erasedTraces: "remembered" | "forgotten";
  /** What it does with their traces: all of ② to ④, or only dirty their slices. */
  readonly recovery: "assemble" | "dirty";
}

export const protocol: Rules = {
  rank: "sum",
  dirty: "touched",
  version: "marks-above-price",
  readBack: "acknowledged",
  checkpoint: "after-roll",
  slices: "whole",
  price: "read-again",
  closed: "asked-after",
  summaryAt: "all-rows",
  repriced: "range",
  repricerMarks: "in-summary",
  rolledFrom: "oldest-open-flush",
  memory: "own-traces",
  knownMarks: "together",
  letGo: "read",
  repricer: "announced",
  erasure: "asked-again",
  erasedBefore: "stored-rows",
  erasedTrace: "whole",
  erasedTraces: "remembered",
  recovery: "assemble",
};
