import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import fc from "fast-check";
import { expect, test } from "vitest";
import { countSpans } from "../src/span-count.ts";
import { span } from "./test-gateway.ts";

const requests = fc.array(fc.array(fc.nat({ max: 4 }), { maxLength: 4 }), { maxLength: 4 }).map((resources) =>
  encodeTraces({
    resourceSpans: resources.map((scopes) => ({
      scopeSpans: scopes.map((count) => ({ spans: Array.from({ length: count }, (_, n) => span(1, n)) })),
    })),
  }),
);

test("counts what decoding finds, valid or not, in any request", () => {
  fc.assert(
    fc.property(requests, (bytes) => {
      const decoded = decodeTraces(bytes);
      const found = decoded.kind === "decoded" ? decoded.traces.spans.length + decoded.traces.rejected.length : 0;
      expect(countSpans(bytes, 1_000)).toBe(found);
      expect(countSpans(bytes, 2)).toBe(Math.min(found, 3));
    }),
  );
});

test("ends on any bytes, never counting fewer than decoding does", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const decoded = decodeTraces(bytes);
      const found = decoded.kind === "decoded" ? decoded.traces.spans.length + decoded.traces.rejected.length : 0;
      expect(countSpans(bytes, 1_000)).toBeGreaterThanOrEqual(found);
    }),
  );
});
