import type { VersionedSpan } from "@spanhouse/store/spans/span-rows";
import type { Candidate } from "./derive-batch.ts";

/** Of each key of `spans` (project, bucket, trace, span id) the greatest version, in the order in which keys came. */
export class NewestCandidates {
  readonly candidates: Candidate[] = [];
  /** Where those of a span id stand: the rest of the key is compared, which is cheaper than to spell it. */
  readonly #places = new Map<string, number | number[]>();

  add(candidate: Candidate): void {
    const { spanId } = candidate.row.span;
    const places = this.#places.get(spanId);
    if (places === undefined) {
      this.#places.set(spanId, this.candidates.push(candidate) - 1);
      return;
    }
    const all = typeof places === "number" ? [places] : places;
    const place = all.find((one) => isSameKey(this.candidates[one]!.row, candidate.row));
    if (place === undefined) this.#places.set(spanId, [...all, this.candidates.push(candidate) - 1]);
    else if (this.candidates[place]!.row.version < candidate.row.version) this.candidates[place] = candidate;
  }
}

function isSameKey(a: VersionedSpan, b: VersionedSpan): boolean {
  return a.bucket === b.bucket && a.span.traceId === b.span.traceId && a.span.project === b.span.project;
}
