import type { JsonObject } from "@spanhouse/schemas/json-value";
import type { ImportedSpan } from "./imported-span.ts";

/** What reads one product's export. */
export interface ImportSource {
  /** Why the records that were not taken were not. */
  readonly onSkipped: (why: string) => void;
}

/** Reads all records, from the first again at every call. */
export type Records = () => AsyncIterable<JsonObject>;

/**
 * Spans of an export, in any order. The same export gives the same spans: ids, times and attributes are functions of the
 * records alone, so that importing again changes nothing.
 */
export type ReadExport = (records: Records, source: ImportSource) => AsyncIterable<ImportedSpan>;
