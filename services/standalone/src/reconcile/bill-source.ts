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

/** Pages `{data, has_more, next_page}`, asked for with `page`. */
export interface BillApi {
  readonly url: string;
  readonly headers: (key: string) => Readonly<Record<string, string>>;
  readonly requests: (days: DayRange) => readonly BillRequest[];
}

export interface BillRequest {
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
}
