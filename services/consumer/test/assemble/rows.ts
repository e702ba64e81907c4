import type { TraceRow } from "@spanhouse/store/traces/trace-row";
import { packVersion } from "@spanhouse/store/version";
import fc from "fast-check";

/** A plausible model call that a test bends to its need. */
export function rowOf(changes: Partial<TraceRow> & { readonly spanId: string }): TraceRow {
  return {
    bucket: 30_000_000,
    parentSpanId: "",
    version: versionOf(1),
    role: "model",
    family: "generate",
    operation: "chat",
    usageState: "exact",
    inputTokens: 10,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 5,
    reasoningTokens: 0,
    cost: 100n,
    estimatedCost: 0n,
    cacheSavings: 0n,
    priceState: "priced",
    responseId: "",
    requestModel: "m",
    responseModel: "m",
    provider: "openai",
    name: "chat m",
    service: "shop",
    environment: "test",
    userId: "",
    conversationId: "",
    tags: [],
    startTime: 1_800_000_000_000_000_000n,
    endTime: 1_800_000_001_000_000_000n,
    outcome: "ok",
    refusal: "none",
    errorClass: "none",
    isRetry: false,
    toolName: "",
    feature: "",
    release: "",
    team: "",
    prompt: "",
    message: "",
    flags: 0,
    ...changes,
  };
}

export function versionOf(contentHash: number, marks: { void?: boolean; aggregate?: boolean } = {}): bigint {
  return packVersion({
    erased: false,
    hasUsage: true,
    revision: 0,
    contentHash,
    void: marks.void ?? false,
    aggregate: marks.aggregate ?? false,
    code: 1,
    price: 1,
  });
}

/** Span id n; small numbers, so that parents meet, miss and form cycles. */
export function id(n: number): string {
  return n.toString(16).padStart(16, "0");
}

/** What a span says, fixed by its id: parents anywhere (itself and absent spans too), few ids and counts, so that they meet. */
const span = fc.record({
  parentSpanId: fc.oneof(fc.constant(""), fc.integer({ min: 0, max: 13 }).map(id)),
  role: fc.constantFrom("model", "model", "model", "wrapper", "wrapper", "tool", "other"),
  family: fc.constantFrom("generate", "generate", "generate", "embed"),
  usageState: fc.constantFrom("exact", "exact", "exact", "estimated", "unknown", "none"),
  outputTokens: fc.constantFrom(0, 1, 2, 3, 5),
  inputTokens: fc.constantFrom(1, 1, 2),
  responseId: fc.constantFrom("", "", "r1", "r1", "r2"),
  responseModel: fc.constantFrom("m", "m", "", "n"),
  startTime: fc.integer({ min: 0, max: 4 }).map((n) => 1_800_000_000_000_000_000n + BigInt(n)),
  outcome: fc.constantFrom("ok", "ok", "truncated", "aborted", "filtered", "refused", "error"),
  isRetry: fc.boolean(),
  userId: fc.constantFrom("", "ann", "bob"),
  tags: fc.subarray(["a", "b", "c"]),
} as const);

/** The rows of a trace: up to 12 spans, some of them several times in other buckets and with other contents. */
export const traces: fc.Arbitrary<TraceRow[]> = fc
  .array(
    fc.tuple(span, fc.array(fc.record({ bucket: fc.integer({ min: 0, max: 2 }), hash: fc.nat(3) }), { maxLength: 2 })),
    { minLength: 1, maxLength: 12 },
  )
  .map((spans) =>
    spans.flatMap(([said, others], n) => {
      const row = rowOf({ ...said, spanId: id(n), cost: BigInt(n + 1) });
      const copies = others.map(({ bucket, hash }) => ({ ...row, bucket, version: versionOf(hash) }));
      return [row, ...copies];
    }),
  );

/** One row a (bucket, span id), as the store gives them. */
export function asStored(rows: readonly TraceRow[]): TraceRow[] {
  const newest = new Map<string, TraceRow>();
  for (const row of rows) {
    const key = `${row.bucket} ${row.spanId}`;
    const other = newest.get(key);
    if (!other || row.version > other.version) newest.set(key, row);
  }
  return [...newest.values()];
}
