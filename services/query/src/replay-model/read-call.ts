import type { SpanDetail } from "@spanhouse/schemas/api/spans";
import { type PicoDollars, parseDollars } from "@spanhouse/schemas/money";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { DerivedSpan } from "@spanhouse/schemas/span";
import { spanDetail } from "../diagnosis/span-detail.ts";

/** What the consumer makes of a span. */
export type DeriveCall = (span: DecodedSpan, project: string) => DerivedSpan;

/** A call of OpenAI's API from its bodies, as the consumer makes it a row; undefined where it cannot be one. */
export function callOf(derive: DeriveCall, project: string, request: string, response: string): SpanDetail | undefined {
  const now = BigInt(Date.now()) * 1_000_000n;
  const said = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "spanhouse.request": request,
    "spanhouse.response": response,
  };
  const span = {
    ...{ traceId: "1".repeat(32), spanId: "1".repeat(16), name: "chat", kind: 3 },
    ...{ startTimeUnixNano: now, endTimeUnixNano: now },
    attributes: Object.entries(said).map(([key, value]) => ({ key, value: { type: "string" as const, value } })),
  };
  const decoded = decodeTraces(encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }), 1);
  const [one] = decoded.kind === "failed" ? [] : decoded.traces.spans;
  return one && spanDetail(derive(one, project));
}

export function costOf(call: SpanDetail): PicoDollars | undefined {
  return call.price_state === "priced" ? parseDollars(call.cost) : undefined;
}
