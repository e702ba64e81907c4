import type { Difference } from "../check/differences.ts";
import type { LocalStack } from "../measure/local-stack.ts";
import type { Struck } from "./strike-all.ts";

/** What every run is told, whatever deployment it is of. */
export interface ChaosRun {
  readonly stack: LocalStack;
  /** What Node runs as `spanhouse`. */
  readonly command: readonly string[];
  /** Of the traffic, and of its disorder. */
  readonly seed: number;
  readonly traces: number;
  readonly tell: (line: string) => void;
}

export interface ChaosResult extends Struck {
  readonly spans: number;
  /** Figures that were laid beside the ledger. */
  readonly compared: number;
  readonly differences: readonly Difference[];
  /** What `spanhouse verify` finds, positions included. */
  readonly verified: readonly string[];
  /** Dead letters that should be none, and poison that is not among them. */
  readonly wrongLetters: number;
}

/** Only where every fault happened, and nothing differs: a check that could not run is never a pass. */
export function passed({ missed, differences, verified, wrongLetters }: ChaosResult): boolean {
  return missed.length + differences.length + verified.length + wrongLetters === 0;
}
