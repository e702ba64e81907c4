import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentHash } from "../../src/otlp/content-hash.ts";
import type { DecodedSpan } from "../../src/otlp/decoded.ts";
import { encodeTraces } from "../../src/otlp/encode.ts";
import { splitByTrace } from "../../src/otlp/split-by-trace.ts";
import { toModel } from "../../src/otlp/to-model.ts";
import { arbitraryRequest } from "./arbitrary-request.ts";
import { decoded } from "./decoded.ts";

const hexOf = (span: DecodedSpan, { start, end }: { start: number; end: number }): string =>
  Buffer.from(span.bytes.subarray(start, end)).toString("hex");

/** Everything that a span's content comes from, byte for byte. */
const identity = (span: DecodedSpan): unknown => [
  span.traceId,
  hexOf(span, span),
  hexOf(span, span.resource),
  span.resource.schemaUrl,
  hexOf(span, span.scope),
  span.scope.schemaUrl,
  contentHash(span, "project"),
];

describe("splitByTrace", () => {
  it("gives every trace its spans in order, with their resource and scope, byte for byte", () => {
    fc.assert(
      fc.property(arbitraryRequest, (model) => {
        const traces = decoded(encodeTraces(model));
        const split = splitByTrace(traces);
        expect([...split.keys()]).toEqual([...new Set(traces.spans.map((span) => span.traceId))]);
        for (const [traceId, bytes] of split) {
          const expected = traces.spans.filter((span) => span.traceId === traceId).map(identity);
          expect(decoded(bytes).spans.map(identity)).toEqual(expected);
        }
      }),
    );
  });

  it("keeps spans of one resource and scope together", () => {
    const [a, b] = ["0a".repeat(16), "0b".repeat(16)];
    const span = (traceId: string, spanId: string) => ({ traceId, spanId: spanId.repeat(8) });
    const scope = (name: string, ...spans: ReturnType<typeof span>[]) => ({ scope: { name }, spans });
    const bytes = encodeTraces({
      resourceSpans: [
        {
          resource: { attributes: [] },
          scopeSpans: [scope("x", span(a, "01"), span(b, "02"), span(a, "03")), scope("y", span(b, "04"))],
        },
        { scopeSpans: [scope("z", span(a, "05"))], schemaUrl: "https://two" },
      ],
    });
    const split = splitByTrace(decoded(bytes));
    expect(toModel(decoded(split.get(a)!)).resourceSpans).toEqual([
      { scopeSpans: [scope("x", span(a, "01"), span(a, "03"))] },
      { scopeSpans: [scope("z", span(a, "05"))], schemaUrl: "https://two" },
    ]);
    expect(toModel(decoded(split.get(b)!)).resourceSpans).toEqual([
      { scopeSpans: [scope("x", span(b, "02")), scope("y", span(b, "04"))] },
    ]);
  });

  it("hands a request of one trace back as it is, unless spans were rejected", () => {
    const span = { traceId: "0a".repeat(16), spanId: "0b".repeat(8) };
    const whole = Buffer.from(encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans: [span, span] }] }] }));
    expect(splitByTrace(decoded(whole)).get(span.traceId)).toBe(whole);
    const partly = encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans: [span, { name: "no ids" }] }] }] });
    const rest = decoded(splitByTrace(decoded(partly)).get(span.traceId)!);
    expect([rest.spans.length, rest.rejected.length]).toEqual([1, 0]);
  });

  it("gives nothing for a request without spans", () => {
    expect(splitByTrace(decoded(encodeTraces({ resourceSpans: [{ scopeSpans: [] }] }))).size).toBe(0);
  });
});
