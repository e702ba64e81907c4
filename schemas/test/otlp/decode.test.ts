import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeTraces } from "../../src/otlp/decode.ts";
import type { DecodedSpan, DecodedTraces } from "../../src/otlp/decoded.ts";
import { encodeTraces } from "../../src/otlp/encode.ts";
import type { AnyValue, Span } from "../../src/otlp/model.ts";
import { toModel } from "../../src/otlp/to-model.ts";
import { arbitraryRequest } from "./arbitrary-request.ts";
import { decoded } from "./decoded.ts";
import { field, fixed64, varintField } from "./wire.ts";

const ids = { traceId: "0a".repeat(16), spanId: "0b".repeat(8) };
const requestWith = (...spans: Span[]) =>
  encodeTraces({
    resourceSpans: [
      {
        resource: { attributes: [{ key: "service.name", value: { type: "string", value: "shop" } }] },
        scopeSpans: [{ scope: { name: "lib" }, spans, schemaUrl: "https://scope" }],
        schemaUrl: "https://resource",
      },
    ],
  });
const onlySpan = (bytes: Uint8Array): DecodedSpan => {
  const { spans } = decoded(bytes);
  expect(spans).toHaveLength(1);
  return spans[0]!;
};
/** A request around the bytes of one Span message. */
const aroundSpan = (...fields: Buffer[]): Buffer => field(1, field(2, field(2, ...fields)));
const idFields = [field(1, Buffer.from(ids.traceId, "hex")), field(2, Buffer.from(ids.spanId, "hex"))];

/** Reads everything that a span gives, so that nothing lazy stays unread. */
function readAll({ spans, rejected }: DecodedTraces): unknown {
  return [
    spans.map((span) => [
      span.name,
      span.traceState,
      span.statusMessage,
      span.invalidUtf8,
      span.resource.attributes.length,
      [span.attributes, span.resource.attributes, span.scope.attributes].map((attributes) =>
        Array.from({ length: attributes.length }, (_, index) => [
          attributes.key(index),
          attributes.text(index),
          attributes.number(index),
          attributes.bool(index),
          attributes.json(index),
        ]),
      ),
      span.events.map((event) => [event.name, event.timeUnixNano, event.attributes.length]),
      span.links.map((link) => [link.traceId, link.spanId, link.attributes.length]),
    ]),
    rejected.map((span) => [span.index, span.code, span.message, span.request.length]),
  ];
}

describe("decodeTraces", () => {
  it("reads every field of a span", () => {
    const span = onlySpan(
      requestWith({
        ...ids,
        parentSpanId: "0c".repeat(8),
        traceState: "a=b",
        name: "chat",
        kind: 3,
        startTimeUnixNano: 1n,
        endTimeUnixNano: 2n ** 64n - 1n,
        status: { code: 2, message: "broken" },
        events: [
          { timeUnixNano: 5n, name: "exception", attributes: [{ key: "a", value: { type: "int", value: 1n } }] },
        ],
        links: [{ traceId: "0d".repeat(16), spanId: "0e".repeat(8), attributes: [] }],
      }),
    );
    expect(span).toMatchObject({
      ...ids,
      parentSpanId: "0c".repeat(8),
      invalidParent: false,
      traceState: "a=b",
      name: "chat",
      kind: 3,
      startTimeUnixNano: 1n,
      endTimeUnixNano: 2n ** 64n - 1n,
      statusCode: 2,
      statusMessage: "broken",
      invalidUtf8: false,
      resource: { schemaUrl: "https://resource" },
      scope: { name: "lib", version: "", schemaUrl: "https://scope" },
      links: [{ traceId: "0d".repeat(16), spanId: "0e".repeat(8) }],
    });
    expect(span.events.map(({ name, timeUnixNano, attributes }) => [name, timeUnixNano, attributes.number(0)])).toEqual(
      [["exception", 5n, 1]],
    );
    expect(span.resource.attributes.text(0)).toBe("shop");
  });

  it("agrees with the model about every request", () => {
    fc.assert(
      fc.property(arbitraryRequest, (model) => {
        const spans = model.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
        expect(
          decoded(encodeTraces(model)).spans.map((span) => ({
            traceId: span.traceId,
            spanId: span.spanId,
            parentSpanId: span.parentSpanId,
            name: span.name,
            times: [span.startTimeUnixNano, span.endTimeUnixNano],
            keys: Array.from({ length: span.attributes.length }, (_, index) => span.attributes.key(index)),
            events: span.events.map((event) => [event.name, event.timeUnixNano, event.attributes.length]),
            links: span.links.map((link) => [link.traceId, link.spanId, link.attributes.length]),
            invalidUtf8: span.invalidUtf8,
          })),
        ).toEqual(
          spans.map((span) => ({
            traceId: span.traceId,
            spanId: span.spanId,
            parentSpanId: span.parentSpanId ?? "",
            name: span.name ?? "",
            times: [span.startTimeUnixNano ?? 0n, span.endTimeUnixNano ?? 0n],
            keys: (span.attributes ?? []).map(({ key }) => key),
            events: (span.events ?? []).map((event) => [
              event.name ?? "",
              event.timeUnixNano ?? 0n,
              event.attributes?.length ?? 0,
            ]),
            links: (span.links ?? []).map((link) => [
              link.traceId ?? "",
              link.spanId ?? "",
              link.attributes?.length ?? 0,
            ]),
            invalidUtf8: false,
          })),
        );
      }),
    );
  });

  it.each([
    ["no trace id", { spanId: ids.spanId }, "OTLP_TRACE_ID", "span 1: trace_id has 0 bytes, expected 16"],
    ["a short trace id", { ...ids, traceId: "0a0a" }, "OTLP_TRACE_ID", "span 1: trace_id has 2 bytes, expected 16"],
    ["a zero trace id", { ...ids, traceId: "00".repeat(16) }, "OTLP_TRACE_ID", "span 1: trace_id is all zero"],
    ["a long span id", { ...ids, spanId: "0b".repeat(9) }, "OTLP_SPAN_ID", "span 1: span_id has 9 bytes, expected 8"],
    ["a zero span id", { ...ids, spanId: "00".repeat(8) }, "OTLP_SPAN_ID", "span 1: span_id is all zero"],
  ])("rejects a span with %s and goes on", (_, bad, code, message) => {
    const span: Span = { ...bad, name: "bad", attributes: [{ key: "a", value: { type: "bool", value: true } }] };
    const traces = decoded(requestWith(ids, span, ids));
    expect(traces.spans).toHaveLength(2);
    expect(traces.rejected).toMatchObject([{ index: 1, code, message }]);
    expect(toModel(decoded(traces.rejected[0]!.request))).toEqual(toModel(decoded(requestWith(span))));
  });

  it("keeps a span whose parent id has a wrong length, and takes zeros as none", () => {
    expect(onlySpan(requestWith({ ...ids, parentSpanId: "0c" }))).toMatchObject({
      parentSpanId: "",
      invalidParent: true,
    });
    for (const parent of [{}, { parentSpanId: "00".repeat(8) }]) {
      expect(onlySpan(requestWith({ ...ids, ...parent }))).toMatchObject({ parentSpanId: "", invalidParent: false });
    }
  });

  it("reads kinds and status codes that it does not know as unset", () => {
    const bytes = aroundSpan(...idFields, varintField(6, 2n ** 64n - 1n), field(15, varintField(3, 9n)));
    expect(onlySpan(bytes)).toMatchObject({ kind: 0, statusCode: 0 });
  });

  it("finds resource and scope behind their spans, and takes the names before 0.15", () => {
    const span = field(2, ...idFields);
    const resource = field(1, field(1, field(1, Buffer.from("k"))));
    const scopeSpans = field(1000, span, field(1, field(1, Buffer.from("late"))));
    const { scope, resource: found } = onlySpan(field(1, scopeSpans, field(3, Buffer.from("url")), resource));
    expect(scope.name).toBe("late");
    expect(found.schemaUrl).toBe("url");
    expect(found.attributes.key(0)).toBe("k");
  });

  it("skips fields that it does not know, of every wire type and on every level", () => {
    const group = Buffer.concat([
      Buffer.from([0xa3, 0x06, 0xab, 0x06]),
      varintField(1, 1n),
      Buffer.from([0xac, 0x06, 0xa4, 0x06]),
    ]);
    const unknown = Buffer.concat([
      varintField(90, 2n ** 63n),
      fixed64(91, 7n),
      field(92, Buffer.from("text")),
      Buffer.from([0xed, 0x05, 1, 2, 3, 4]),
      group,
    ]);
    const keyValue = field(
      9,
      unknown,
      field(1, Buffer.from("k")),
      field(2, unknown, field(1, Buffer.from("v")), unknown),
      unknown,
    );
    const span = field(2, unknown, ...idFields, keyValue, unknown, field(5, Buffer.from("chat")));
    const bytes = Buffer.concat([
      unknown,
      field(1, unknown, field(1, unknown), field(2, unknown, span, unknown)),
      unknown,
    ]);
    const found = onlySpan(bytes);
    expect([found.name, found.attributes.key(0), found.attributes.text(0)]).toEqual(["chat", "k", "v"]);
    expect(toModel(decoded(bytes)).resourceSpans[0]!.scopeSpans[0]!.spans[0]).toEqual({
      ...ids,
      name: "chat",
      attributes: [{ key: "k", value: { type: "string", value: "v" } }],
    });
  });

  it("takes a known field of another wire type for an unknown one", () => {
    expect(onlySpan(aroundSpan(...idFields, varintField(5, 1n), varintField(9, 1n))).name).toBe("");
  });

  it("clips names at 4,096 bytes between characters", () => {
    const { name } = onlySpan(requestWith({ ...ids, name: `a${"é".repeat(5000)}` }));
    expect(name).toBe(`a${"é".repeat(2047)}`);
  });

  it("notices texts that are not UTF-8 wherever they are", () => {
    const bad = Buffer.from([0x61, 0xff]);
    const long = Buffer.concat([Buffer.alloc(5000, "é"), Buffer.from([0xc3])]);
    const value = (...fields: Buffer[]) => field(2, ...fields);
    const key = field(1, Buffer.from("k"));
    for (const fields of [
      [field(5, bad)],
      [field(3, bad)],
      [field(15, field(2, bad))],
      [field(9, field(1, bad))],
      [field(9, key, value(field(1, bad)))],
      [field(9, key, value(field(1, long)))],
      [field(9, key, value(field(5, field(1, field(1, bad)))))],
      [field(9, key, value(field(6, field(1, field(1, bad)))))],
      [field(11, field(2, bad))],
      [field(11, field(3, key, value(field(1, bad))))],
      [field(13, field(3, bad))],
    ]) {
      expect(onlySpan(aroundSpan(...idFields, ...fields)).invalidUtf8).toBe(true);
    }
    const binary = field(9, key, value(field(7, bad)));
    expect(onlySpan(aroundSpan(...idFields, binary, field(5, Buffer.from("é")))).invalidUtf8).toBe(false);
    const resource = field(1, field(1, field(1, key, value(field(1, bad)))), field(2, field(2, ...idFields)));
    expect(onlySpan(resource).invalidUtf8).toBe(true);
  });

  it.each([
    ["no bytes", Buffer.alloc(0), "OTLP_EMPTY"],
    ["JSON", Buffer.from('{"resourceSpans":[]}'), "OTLP_TRUNCATED"],
    ["a field number of 0", Buffer.from([0x02, 0x00]), "OTLP_WIRE"],
    ["a wire type that does not exist", Buffer.from([0x0f]), "OTLP_WIRE"],
    ["a group that ends before it starts", Buffer.from([0x0c]), "OTLP_WIRE"],
    ["a group that never ends", Buffer.from([0x0b]), "OTLP_TRUNCATED"],
    ["a varint that never ends", Buffer.alloc(11, 0xff), "OTLP_WIRE"],
    ["a length beyond the body", Buffer.from([0x0a, 0x7f]), "OTLP_TRUNCATED"],
    ["a length beyond its message", Buffer.concat([field(1, Buffer.from([0x12, 0x7f])), field(3)]), "OTLP_WIRE"],
    [
      "a malformed event",
      Buffer.concat([aroundSpan(...idFields, field(11, Buffer.from([0x12, 9]))), field(3)]),
      "OTLP_WIRE",
    ],
  ])("refuses %s", (_, bytes, code) => {
    expect(decodeTraces(bytes)).toMatchObject({ kind: "failed", code, message: expect.stringMatching(/\w/) });
  });

  it("refuses values nested deeper than 100", () => {
    const nested = (depth: number): Uint8Array => {
      let value: AnyValue = { type: "int", value: 1n };
      for (let level = 1; level < depth; level++) value = { type: "array", value: [value] };
      return requestWith({
        ...ids,
        attributes: [{ key: "deep", value }],
        events: [{ attributes: [{ key: "deep", value }] }],
      });
    };
    expect(JSON.stringify(onlySpan(nested(100)).attributes.json(0))).toBe(`${"[".repeat(99)}1${"]".repeat(99)}`);
    expect(decodeTraces(nested(101))).toMatchObject({ kind: "failed", code: "OTLP_WIRE" });
  });

  it("says of a cut request that it is cut (or reads what stands before, between two fields), and no byte behind it", () => {
    fc.assert(
      fc.property(arbitraryRequest, fc.nat(), (model, at) => {
        const bytes = encodeTraces(model);
        const length = at % bytes.length;
        const behind = Buffer.alloc(bytes.length + 64, 0x61);
        behind.set(bytes);
        const outcome = decodeTraces(behind.subarray(0, length));
        if (outcome.kind === "decoded") {
          expect(readAll(outcome.traces)).toEqual(readAll(decoded(Uint8Array.from(bytes.subarray(0, length)))));
        } else expect(["OTLP_TRUNCATED", "OTLP_EMPTY"]).toContain(outcome.code);
      }),
    );
  });

  it("never throws on bytes that were changed, and gives what the same bytes elsewhere give", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(arbitraryRequest, changes, (model, bytesChanged) => {
        const bytes = encodeTraces(model);
        for (const [at, byte] of bytesChanged) bytes[at % bytes.length] = byte;
        const surrounded = Buffer.alloc(bytes.length + 64, 0x61);
        surrounded.set(bytes, 32);
        const here = decodeTraces(bytes);
        const there = decodeTraces(surrounded.subarray(32, 32 + bytes.length));
        expect(there.kind).toBe(here.kind);
        if (here.kind === "decoded" && there.kind === "decoded") {
          expect(readAll(there.traces)).toEqual(readAll(here.traces));
          expect(() => toModel(here.traces)).not.toThrow();
        } else expect(there).toEqual(here);
      }),
      { numRuns: 500 },
    );
  });

  it("never throws on arbitrary bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const outcome = decodeTraces(bytes);
        if (outcome.kind === "decoded") readAll(outcome.traces);
      }),
      { numRuns: 1000 },
    );
  });

  it("reads a record of 20 MB and one of a million attributes", () => {
    const value = "x".repeat(20 * 2 ** 20);
    const large = onlySpan(requestWith({ ...ids, attributes: [{ key: "big", value: { type: "string", value } }] }));
    const { start, end } = large.attributes.slice(0);
    expect(end - start).toBe(value.length);
    const attributes = Array.from({ length: 1_000_000 }, (_, index) => ({
      key: `key.${index}`,
      value: { type: "int" as const, value: BigInt(index) },
    }));
    const many = onlySpan(requestWith({ ...ids, attributes }));
    expect([many.attributes.length, many.attributes.key(999_999), many.attributes.number(999_999)]).toEqual([
      1_000_000,
      "key.999999",
      999_999,
    ]);
    expect(onlySpan(requestWith(ids)).attributes.length).toBe(0);
  });

  it("refuses more spans than the limit, before they fill the memory", () => {
    expect(decodeTraces(requestWith(ids, ids, ids), 3).kind).toBe("decoded");
    expect(decodeTraces(requestWith(ids, ids, ids), 2)).toMatchObject({ kind: "failed", code: "TOO_MANY_SPANS" });
    const empty = field(1, field(2, Buffer.alloc(20_000_000, field(2))));
    expect(decodeTraces(empty)).toMatchObject({ kind: "failed", code: "TOO_MANY_SPANS" });
  });

  it("reads no more than the first 10,000 events of a span", () => {
    const event = field(11, field(2, Buffer.from("e")));
    const span = onlySpan(aroundSpan(...idFields, Buffer.alloc(event.length * 1_000_000, event)));
    expect([span.events.length, span.events[9_999]!.name, span.links.length]).toEqual([10_000, "e", 0]);
  });

  it("gives rejected spans their requests only when asked, so that many under one large resource fit", () => {
    const resource = field(1, field(1, field(1, Buffer.alloc(2 ** 20, "k"))));
    const empty = Buffer.concat(Array.from({ length: 100_000 }, () => field(2)));
    const { rejected } = decoded(field(1, resource, field(2, empty)));
    expect(rejected).toHaveLength(100_000);
    expect(rejected[99_999]!.request.length).toBeGreaterThan(2 ** 20);
  });
});
