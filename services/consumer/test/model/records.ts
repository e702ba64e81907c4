import { erasedTraceRow } from "@spanhouse/store/erasure/erased-rows";
import type { TraceRow } from "@spanhouse/store/traces/trace-row";
import { packVersion } from "@spanhouse/store/version";
import { rowOf } from "../assemble/rows.ts";
import type { Random } from "./random.ts";

/** A span as a producer sent it: its content, but neither marks nor price. */
export interface SentSpan {
  readonly span: string;
  readonly parent: string;
  readonly role: "wrapper" | "model" | "tool";
  readonly responseId: string;
  readonly tokens: number;
  /** The minute of its end; a copy of a span may say another. */
  readonly bucket: number;
  readonly hash: number;
  readonly hasUsage: boolean;
  /** A dimension of slices. */
  readonly service: string;
  /** It names the person who may be erased. */
  readonly named: boolean;
}

/** What Kafka carries: spans of one trace. */
export interface SentRecord {
  readonly trace: string;
  readonly spans: readonly SentSpan[];
}

export interface StoredRow extends TraceRow {
  readonly trace: string;
}

export const minutesPerHour = 2;
export const buckets = 4;

export function laneOf(trace: string): number {
  return trace.charCodeAt(0) % 2;
}

/** derive(record, price): the rows of one record under one price number; code plays the same part and is left out. */
export function derive(record: SentRecord, price: number): StoredRow[] {
  return record.spans.map((sent) => ({
    ...rowOf({
      spanId: sent.span,
      parentSpanId: sent.parent,
      bucket: sent.bucket,
      role: sent.role,
      family: sent.role === "tool" ? "none" : "generate",
      responseId: sent.responseId,
      service: sent.service,
      userId: sent.named ? person : "",
      usageState: sent.hasUsage ? "exact" : "none",
      inputTokens: 1,
      outputTokens: sent.tokens,
      version: packVersion({
        erased: false,
        hasUsage: sent.hasUsage,
        revision: 0,
        contentHash: sent.hash,
        void: false,
        aggregate: false,
        code: 1,
        price,
      }),
    }),
    trace: record.trace,
    cost: costAt(sent.hasUsage ? sent.tokens : 0, price),
  }));
}

const person = "ann";

/** Of persons who were erased nothing is left but what their spans cost. */
export function erasedRow(row: StoredRow): StoredRow {
  return { ...(erasedTraceRow(row) as StoredRow), trace: row.trace };
}

export function costAt(tokens: number, price: number): bigint {
  return BigInt(tokens * (100 + price));
}

/**
 * A few traces whose spans make all three rules of marking apply: wrappers with usage over calls, calls over calls, and
 * twins; some spans sent several times with another end, another service, or usage missing. What marking looks at (parent,
 * role, response id, model, token counts) stays the same for a span id: conflicting ones are a documented limit.
 */
export function randomRecords(random: Random): SentRecord[] {
  const records: SentRecord[] = [];
  for (const trace of ["a", "b", "c"].slice(0, random.between(1, 3))) {
    // Of a trace one span at most says whose it is, in every content of it: one that was superseded is forgotten.
    const naming = random.below(8);
    const names = ["1", "2", "3", "4"].slice(0, random.between(1, 4));
    const sent = names.flatMap((span, n) => {
      const fixed = {
        span,
        parent: n === 0 ? "" : random.pick(names.slice(0, n)),
        role:
          n === 0
            ? random.pick(["wrapper", "model"] as const)
            : random.pick(["model", "model", "wrapper", "tool"] as const),
        responseId: random.pick(["", "r"]),
        tokens: random.pick([3, 3, 7]),
      };
      return Array.from({ length: random.pick([1, 1, 2, 3]) }, () => ({
        ...fixed,
        bucket: random.below(buckets),
        hash: random.below(6),
        hasUsage: fixed.role !== "tool" && random.chance(0.8),
        service: random.pick(["m", "n"]),
        named: n === naming,
      }));
    });
    // One hash is one content.
    const contents = new Map(sent.map((span) => [`${span.span} ${span.hash} ${span.hasUsage}`, span]));
    const spans = random.shuffle([...contents.values()]);
    while (spans.length > 0) records.push({ trace, spans: spans.splice(0, random.between(1, 3)) });
  }
  return random.shuffle(records);
}
