import type { BilledLine } from "./billed-line.ts";

/** Whole days, half-open. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

/** How a provider's bill is read: from the documents that it exports, and where it has one, from its API. */
export interface BillSource {
  readonly format: "json" | "csv";
  /** Its names in `spans.provider`; empty: all. */
  readonly storedProviders: readonly string[];
  /** The lines of a parsed JSON document, or of the records of a CSV. Throws for another shape. */
  readonly parse: (document: unknown) => readonly BilledLine[];
  readonly api?: BillApi;
}

/** A provider's account of costs and usage that is asked for over HTTP. */
export interface BillApi {
  readonly url: string;
  /** What `--key-env` has, for messages. */
  readonly key: string;
  /** What `--scope` has; undefined: the key alone says whose account it is. */
  readonly scope?: string;
  /** The lines of a page. Throws for another shape. */
  readonly parse: (document: unknown) => readonly BilledLine[];
  /** Every page of every account of the days. Throws CONFIG for a key that the provider does not take. */
  readonly pages: (question: BillQuestion) => AsyncGenerator<unknown>;
}

export interface BillQuestion {
  /** The provider's own, or of a proxy; without a slash at its end. */
  readonly url: string;
  readonly key: string;
  readonly scope: string;
  readonly days: DayRange;
  readonly signal: AbortSignal;
}
