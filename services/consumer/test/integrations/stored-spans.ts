import type { Recording } from "@spanhouse/conformance/integrations/recordings";
import type { StoredSpan } from "@spanhouse/conformance/integrations/verdict";
import { sliceLength } from "@spanhouse/schemas/slice";
import type { VersionedSpan } from "@spanhouse/store/spans/span-rows";
import type { TraceRow } from "@spanhouse/store/traces/trace-row";
import { isAggregate } from "@spanhouse/store/version";
import { markTrace } from "../../src/assemble/marks.ts";
import type { DeriveSpan } from "../../src/derive/derive-span.ts";
import { deriveBatch } from "../../src/derive-batch.ts";

/** What the consumer makes of a recording sent as one record: derived span by span, then marked trace by trace. */
export function storedSpans({ otlp }: Pick<Recording, "otlp">, derive: DeriveSpan): readonly StoredSpan[] {
  const record = {
    topic: "otlp_spans",
    partition: 0,
    offset: 0n,
    timestamp: 0,
    key: null,
    value: Buffer.from(JSON.stringify(otlp)),
    headers: {},
  };
  const batch = deriveBatch([record], {
    derivation: { derive, code: 1, price: 1 },
    topicProject: "shop",
    frozenUntil: () => 0,
    erasures: { erased: () => undefined },
  });
  if (batch.letters.length > 0) throw new Error(`not taken: ${JSON.stringify(batch.letters[0]?.headers)}`);
  const traces = new Map<string, VersionedSpan[]>();
  for (const { row } of batch.ended) {
    const { traceId } = row.span;
    traces.set(traceId, [...(traces.get(traceId) ?? []), row]);
  }
  return [...traces.values()].flatMap((rows) => {
    const bySpanId = new Map(rows.map((row) => [row.span.spanId, row]));
    return markTrace(rows.map(traceRow)).rows.map((marked) => stored(bySpanId.get(marked.spanId)!, marked));
  });
}

function traceRow({ span, bucket, version }: VersionedSpan): TraceRow {
  const { usage, price } = span;
  return {
    ...span,
    bucket,
    version,
    inputTokens: usage.inputTokens,
    cacheReadTokens: usage.cacheReadTokens,
    cacheWriteTokens: usage.cacheWriteTokens,
    outputTokens: usage.outputTokens,
    reasoningTokens: usage.reasoningTokens,
    cost: price.cost,
    estimatedCost: price.estimatedCost,
    cacheSavings: price.cacheSavings,
    priceState: price.state,
    isRetry: span.attempt > 1,
  };
}

function stored({ span }: VersionedSpan, { version }: TraceRow): StoredSpan {
  return {
    ...span,
    aggregate: isAggregate(version),
    priceState: span.price.state,
    cost: span.price.cost,
    hasRequest: sliceLength(span.content.request) > 0,
    hasResponse: sliceLength(span.content.response) > 0,
  };
}
