import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { toModel } from "@spanhouse/schemas/otlp/to-model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { tracer } from "../src/default-tracer.ts";
import { SpanQueue } from "../src/export/span-queue.ts";
import { encodeHead, encodeRequest, encodeSpan } from "../src/otlp/encode-span.ts";
import { Span, spanKind } from "../src/span.ts";
import { init } from "../src/spanhouse.ts";

const head = encodeHead(["service.name", "memory"], "spanhouse", "0");

/** What a receiver reads of these spans: their names and texts. */
const received = (spans: readonly Uint8Array[]) => {
  const decoded = decodeTraces(Buffer.concat(encodeRequest(head, spans)));
  if (decoded.kind === "failed") throw new Error(decoded.message);
  return toModel(decoded.traces).resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap((scope) => scope.spans.map(({ name, attributes }) => [name, attributes?.[0]?.value])),
  );
};

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("end" as const), length: fc.nat(40_000), trace: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("end" as const), length: fc.nat(900_000), trace: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("take" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("sent" as const) }) },
);

test("memory that is used again: whatever is ended, taken, sent and dropped, what is on its way is as it was written", () => {
  init({ onWarning() {} });
  let ended = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new SpanQueue({ maxBytes: 2_000_000, maxSpans: 40 });
      const written = new Map<string, string>();
      let onTheWay: readonly Uint8Array[] = [];
      const check = (): void => {
        for (const [name, value] of received(onTheWay)) {
          expect(value).toEqual({ type: "string", value: written.get(String(name)) });
        }
      };
      for (const one of steps) {
        if (one.kind === "end") {
          const name = `span ${++ended}`;
          const text = `${ended} `.repeat(one.length / 8 + 1);
          const span = new Span(tracer(), name, spanKind.internal, undefined);
          span.set("text", text);
          written.set(name, text);
          queue.add(`trace ${one.trace}`, encodeSpan(span, span.startMs, []));
        } else if (one.kind === "take" && onTheWay.length === 0) {
          onTheWay = queue.take(1_000_000, 10).flatMap(({ spans }) => spans);
        } else if (one.kind === "sent") {
          check();
          onTheWay = [];
          queue.release();
        }
        check();
      }
    }),
    { numRuns: 60 },
  );
});
