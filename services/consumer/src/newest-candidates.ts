import type { Candidate, KeptSpan } from "./candidate.ts";

/** Of each key of `spans` (project, bucket, trace, span id) the greatest version, in the order in which keys came. */
export class NewestCandidates<Span extends KeptSpan> {
  readonly candidates: Candidate<Span>[] = [];
  /** Where those of a span id stand: the rest of the key is compared, which is cheaper than to spell it. */
  readonly #places = new Map<string, number | number[]>();

  add(candidate: Candidate<Span>): void {
    const { spanId, version } = candidate.span.row;
    const places = this.#places.get(spanId);
    if (places === undefined) {
      this.#places.set(spanId, this.candidates.push(candidate) - 1);
      return;
    }
    const all = typeof places === "number" ? [places] : places;
    const place = all.find((one) => isSameKey(this.candidates[one]!.span, candidate.span));
    if (place === undefined) this.#places.set(spanId, [...all, this.candidates.push(candidate) - 1]);
    else if (this.candidates[place]!.span.row.version < version) this.candidates[place] = candidate;
  }
}

function isSameKey(a: KeptSpan, b: KeptSpan): boolean {
  return a.row.bucket === b.row.bucket && a.traceId === b.traceId && a.project === b.project;
}
