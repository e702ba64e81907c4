import { Buffer } from "node:buffer";
import type { DeriveSpan } from "@spanhouse/consumer/derive/derive-span";
import { spanDetail } from "@spanhouse/query/diagnosis/span-detail";
import type { SpanDetail } from "@spanhouse/schemas/api/spans";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { AnyValue, Span } from "@spanhouse/schemas/otlp/model";
import { type Case, type CaseAttribute, type CaseSpan, type CaseText, caseTexts } from "./case-file.ts";

/** The spans of a case, derived and priced from their bytes as the consumer does it, in the case's order. */
export function detailsOfCase(derive: DeriveSpan, recorded: Case): readonly SpanDetail[] {
  if (recorded.spans.length === 0) return [];
  const resource = { attributes: [{ key: "service.name", value: anyValueOf(recorded.service) }] };
  const spans = recorded.spans.map((span) => otlpSpan(recorded, span));
  const decoded = decodeTraces(encodeTraces({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }), spans.length);
  if (decoded.kind === "failed") throw new Error(`a case does not decode: ${decoded.message}`);
  return decoded.traces.spans.map((span) => spanDetail(derive(span, "replay")));
}

function otlpSpan({ traceId, startTime }: Case, span: CaseSpan): Span {
  const start = BigInt(Date.parse(startTime)) * 1_000_000n + BigInt(span.startUs) * 1000n;
  const texts = Object.entries(span.texts).map(([text, said]) => [caseTexts[text as CaseText], said] as const);
  return {
    traceId,
    spanId: idOf(span.span),
    ...(span.parent !== null && { parentSpanId: idOf(span.parent) }),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: start,
    endTimeUnixNano: start + BigInt(span.durationUs) * 1000n,
    attributes: [...Object.entries(span.attributes), ...texts].map(([key, value]) => ({
      key,
      value: anyValueOf(value),
    })),
    ...(span.error !== undefined && { status: { code: 2, message: span.error } }),
  };
}

function idOf(ordinal: number): string {
  const id = Buffer.alloc(8);
  id.writeBigUInt64BE(BigInt(ordinal));
  return id.toString("hex");
}

function anyValueOf(value: CaseAttribute): AnyValue {
  if (typeof value === "string") return { type: "string", value };
  if (typeof value === "boolean") return { type: "bool", value };
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? { type: "int", value: BigInt(value) } : { type: "double", value };
  }
  return { type: "array", value: value.map(anyValueOf) };
}
