import fc from "fast-check";
import type { AnyValue, ExportTraceServiceRequest, KeyValue, Span } from "../../src/otlp/model.ts";

const text = fc.string({ unit: "binary", minLength: 1, maxLength: 60 });
const someText = fc.string({ unit: "binary", maxLength: 60 });
const uint32 = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const uint64 = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n });

const hexOf = (bytes: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .filter((id) => id.some((byte) => byte !== 0))
    .map((id) => Buffer.from(id).toString("hex"));

const { keyValue } = fc.letrec<{ value: AnyValue; keyValue: KeyValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constant<AnyValue>({ type: "empty" }),
    fc.record({ type: fc.constant("string" as const), value: someText }),
    fc.record({ type: fc.constant("bool" as const), value: fc.boolean() }),
    fc.record({ type: fc.constant("int" as const), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
    fc.record({ type: fc.constant("double" as const), value: fc.double() }),
    fc.record({ type: fc.constant("bytes" as const), value: fc.uint8Array({ maxLength: 20 }) }),
    fc.record({ type: fc.constant("array" as const), value: fc.array(tie("value"), { maxLength: 3 }) }),
    fc.record({ type: fc.constant("kvlist" as const), value: fc.array(tie("keyValue"), { maxLength: 3 }) }),
  ),
  keyValue: fc.record({ key: someText, value: tie("value") }),
}));

const attributes = fc.array(keyValue, { minLength: 1, maxLength: 5 });
const some = { requiredKeys: [] } satisfies { requiredKeys: [] };

const event = fc.record({ timeUnixNano: uint64, name: text, attributes, droppedAttributesCount: uint32 }, some);
const link = fc.record(
  { traceId: hexOf(16), spanId: hexOf(8), traceState: text, attributes, droppedAttributesCount: uint32, flags: uint32 },
  some,
);

const span: fc.Arbitrary<Span> = fc.record(
  {
    traceId: fc.oneof(hexOf(16), fc.constantFrom("01".repeat(16), "02".repeat(16))),
    spanId: hexOf(8),
    traceState: text,
    parentSpanId: hexOf(8),
    name: text,
    kind: fc.integer({ min: 1, max: 5 }),
    startTimeUnixNano: uint64,
    endTimeUnixNano: uint64,
    attributes,
    droppedAttributesCount: uint32,
    events: fc.array(event, { minLength: 1, maxLength: 3 }),
    droppedEventsCount: uint32,
    links: fc.array(link, { minLength: 1, maxLength: 3 }),
    droppedLinksCount: uint32,
    status: fc.record({ message: text, code: fc.integer({ min: 1, max: 2 }) }, some),
    flags: uint32,
  },
  { requiredKeys: ["traceId", "spanId"] },
);

/** Any request that can be stored whole: what is zero is left out, as in what `toModel` gives. */
export const arbitraryRequest: fc.Arbitrary<ExportTraceServiceRequest> = fc.record({
  resourceSpans: fc.array(
    fc.record(
      {
        resource: fc.record(
          { attributes: fc.array(keyValue, { maxLength: 4 }), droppedAttributesCount: uint32 },
          { requiredKeys: ["attributes"] },
        ),
        scopeSpans: fc.array(
          fc.record(
            {
              scope: fc.record({ name: text, version: text, attributes, droppedAttributesCount: uint32 }, some),
              spans: fc.array(span, { maxLength: 4 }),
              schemaUrl: text,
            },
            { requiredKeys: ["spans"] },
          ),
          { maxLength: 3 },
        ),
        schemaUrl: text,
      },
      { requiredKeys: ["scopeSpans"] },
    ),
    { minLength: 1, maxLength: 3 },
  ),
});
