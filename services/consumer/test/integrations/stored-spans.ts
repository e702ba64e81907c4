import type { Recording } from "@spanhouse/conformance/integrations/recordings";
import type { StoredSpan } from "@spanhouse/conformance/integrations/verdict";
import { sliceLength } from "@spanhouse/schemas/slice";
import type { VersionedSpan } from "@spanhouse/store/spans/versioned-span";
import { traceRowOf } from "@spanhouse/store/traces/row-of-span";
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
    own: [],
    erasures: { erased: () => undefined },
    keep: keptWhole,
  });
  if (batch.letters.length > 0) throw new Error(`not taken: ${JSON.stringify(batch.letters[0]?.headers)}`);
  const traces = new Map<string, VersionedSpan[]>();
  for (const { span } of batch.ended) {
    const { traceId, whole } = span;
    traces.set(traceId, [...(traces.get(traceId) ?? []), whole]);
  }
  return [...traces.values()].flatMap((rows) => {
    const bySpanId = new Map(rows.map((row) => [row.span.spanId, row]));
    return markTrace(rows.map(traceRowOf)).rows.map((marked) => stored(bySpanId.get(marked.spanId)!, marked));
  });
}

/** For `deriveBatch`: all of an ended span. */
export function keptWhole(whole: VersionedSpan) {
  return { project: whole.span.project, traceId: whole.span.traceId, row: traceRowOf(whole), whole };
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
