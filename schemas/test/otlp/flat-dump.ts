import { type Attributes, ValueType } from "../../src/otlp/attributes.ts";
import type { DecodedTraces } from "../../src/otlp/decoded.ts";

const typeNames = Object.fromEntries(Object.entries(ValueType).map(([name, type]) => [type, name]));

const dumpAttributes = (attributes: Attributes): unknown[] =>
  Array.from({ length: attributes.length }, (_, index) => {
    return [attributes.key(index), typeNames[attributes.type(index)], attributes.json(index)];
  });

/** Everything that was decoded, as plain JSON: what golden fixtures hold. */
export function flatDump({ spans, rejected }: DecodedTraces): object {
  return {
    spans: spans.map((span) => ({
      traceId: span.traceId,
      spanId: span.spanId,
      parentSpanId: span.parentSpanId,
      invalidParent: span.invalidParent,
      traceState: span.traceState,
      name: span.name,
      kind: span.kind,
      startTimeUnixNano: span.startTimeUnixNano.toString(),
      endTimeUnixNano: span.endTimeUnixNano.toString(),
      statusCode: span.statusCode,
      statusMessage: span.statusMessage,
      invalidUtf8: span.invalidUtf8,
      attributes: dumpAttributes(span.attributes),
      events: span.events.map(({ timeUnixNano, name, attributes }) => {
        return { timeUnixNano: timeUnixNano.toString(), name, attributes: dumpAttributes(attributes) };
      }),
      links: span.links.map((link) => ({ ...link, attributes: dumpAttributes(link.attributes) })),
      scope: {
        name: span.scope.name,
        version: span.scope.version,
        schemaUrl: span.scope.schemaUrl,
        attributes: dumpAttributes(span.scope.attributes),
      },
      resource: { schemaUrl: span.resource.schemaUrl, attributes: dumpAttributes(span.resource.attributes) },
    })),
    rejected: rejected.map(({ index, code, message, request }) => {
      return { index, code, message, request: Buffer.from(request).toString("hex") };
    }),
  };
}
