import type { BegunSpan } from "../world.ts";

interface Place {
  readonly parent: string | undefined;
  /** `name#n`: the n-th span of that name below its parent, from 0. */
  readonly label: string;
}

/** Where in the tree of its trace a span is, by the order in which spans began. */
export class Positions {
  private readonly places = new Map<string, Place>();
  /** By parent, how many spans of a name began below it. */
  private readonly counts = new Map<string, Map<string, number>>();

  began({ traceId, spanId, parentSpanId, name }: BegunSpan): void {
    // A second trace of the process is a tree of its own beside the first.
    const above = parentSpanId === undefined ? "" : `${traceId}${parentSpanId}`;
    const counts = this.counts.get(above) ?? new Map<string, number>();
    this.counts.set(above, counts);
    const ordinal = counts.get(name) ?? 0;
    counts.set(name, ordinal + 1);
    this.places.set(spanId, { parent: parentSpanId, label: `${name}#${ordinal}` });
  }

  /** From the root to the span. */
  of(spanId: string): { readonly ids: readonly string[]; readonly labels: readonly string[] } {
    const ids: string[] = [];
    const labels: string[] = [];
    for (let id: string | undefined = spanId; id !== undefined && ids.length < 1000; ) {
      const place = this.places.get(id);
      if (place === undefined) break;
      ids.unshift(id);
      labels.unshift(place.label);
      id = place.parent;
    }
    return ids.length > 0 ? { ids, labels } : { ids: [spanId], labels: ["#0"] };
  }
}
