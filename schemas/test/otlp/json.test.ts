import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeTraces } from "../../src/otlp/decode.ts";
import { encodeTraces } from "../../src/otlp/encode.ts";
import { decodeJson, encodeJson } from "../../src/otlp/json.ts";
import type { AnyValue } from "../../src/otlp/model.ts";
import { toModel } from "../../src/otlp/to-model.ts";
import { arbitraryRequest } from "./arbitrary-request.ts";
import { decoded } from "./decoded.ts";
import { decodedJson, jsonFailure } from "./json-outcome.ts";

const withSpan = (span: string): string => `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`;
const withValue = (value: string): string => withSpan(`{"attributes":[{"key":"k","value":${value}}]}`);
const spanOf = (json: string) => toModel(decodedJson(json)).resourceSpans[0]!.scopeSpans[0]!.spans[0]!;
const attributeOf = (value: string): AnyValue => spanOf(withValue(value)).attributes![0]!.value;

describe("JSON", () => {
  it("carries a request from protobuf to protobuf unchanged", () => {
    fc.assert(
      fc.property(arbitraryRequest, (model) => {
        const protobuf = encodeTraces(model);
        const outcome = decodeJson(Buffer.from(encodeJson(toModel(decoded(protobuf)))));
        expect(outcome).toEqual({ kind: "decoded", protobuf });
      }),
    );
  });

  it("reads 64-bit integers as numbers without losing digits", () => {
    expect(
      spanOf(withSpan('{"startTimeUnixNano":1763856000123456789,"endTimeUnixNano":18446744073709551615}')),
    ).toEqual({
      startTimeUnixNano: 1763856000123456789n,
      endTimeUnixNano: 18446744073709551615n,
    });
    expect(attributeOf('{"intValue":-9223372036854775808}')).toEqual({ type: "int", value: -(2n ** 63n) });
    expect(attributeOf('{"intValue":9007199254740993}')).toEqual({ type: "int", value: 9007199254740993n });
  });

  it("leaves digits in texts and in doubles alone", () => {
    expect(attributeOf('{"stringValue":"a \\" 12345678901234567890 , \\\\"}')).toEqual({
      type: "string",
      value: 'a " 12345678901234567890 , \\',
    });
    expect(attributeOf('{"doubleValue":0.12345678901234567890}')).toEqual({
      type: "double",
      value: 0.12345678901234568,
    });
    expect(attributeOf('{"doubleValue":12345678901234567890}')).toEqual({
      type: "double",
      value: 12345678901234567000,
    });
    expect(attributeOf('{"doubleValue":1e300}')).toEqual({ type: "double", value: 1e300 });
  });

  it("reads enums by name, snake_case, upper case ids, the names before 0.15, and ignores what it does not know", () => {
    const json = `{"future":[1],"resource_spans":[{"instrumentation_library_spans":[{"instrumentation_library":{"name":"lib"},
      "spans":[{"trace_id":"${"AB".repeat(16)}","span_id":"${"CD".repeat(8)}","kind":"SPAN_KIND_CLIENT","parentSpanId":null,
      "status":{"code":"STATUS_CODE_ERROR","colour":"red"},"start_time_unix_nano":"7"}]}]}]}`;
    expect(toModel(decodedJson(json)).resourceSpans).toEqual([
      {
        scopeSpans: [
          {
            scope: { name: "lib" },
            spans: [
              {
                traceId: "ab".repeat(16),
                spanId: "cd".repeat(8),
                kind: 3,
                startTimeUnixNano: 7n,
                status: { code: 2 },
              },
            ],
          },
        ],
      },
    ]);
  });

  it("takes an empty request as one", () => {
    expect(decodeJson(Buffer.from("{}"))).toEqual({ kind: "decoded", protobuf: new Uint8Array(0) });
  });

  it.each([
    ["", "OTLP_EMPTY", /0 bytes/],
    ["{", "OTLP_JSON", /JSON/],
    ["[]", "OTLP_JSON", /^\$: expected an object, got an array$/],
    ['{"resourceSpans":{}}', "OTLP_JSON", /^\$\.resourceSpans: expected an array, got an object$/],
    [withSpan("7"), "OTLP_JSON", /^\$\.resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[0\]: expected an object, got 7$/],
    [withSpan('{"name":5}'), "OTLP_JSON", /spans\[0\]\.name: expected a string, got 5$/],
    [withSpan('{"traceId":"AQIDBA=="}'), "OTLP_JSON", /\.traceId: expected hex digits in pairs, got "AQIDBA=="$/],
    [withSpan('{"spanId":"abc"}'), "OTLP_JSON", /\.spanId: expected hex digits in pairs/],
    [withSpan('{"kind":"CLIENT"}'), "OTLP_JSON", /\.kind: expected a number or one of SPAN_KIND_UNSPECIFIED,/],
    [withSpan('{"kind":-1}'), "OTLP_JSON", /\.kind: expected an integer from 0/],
    [withSpan('{"endTimeUnixNano":-1}'), "OTLP_JSON", /\.endTimeUnixNano: expected an unsigned 64-bit integer/],
    [
      withSpan('{"endTimeUnixNano":18446744073709551616}'),
      "OTLP_JSON",
      /\.endTimeUnixNano: expected an unsigned 64-bit/,
    ],
    [withSpan('{"startTimeUnixNano":"soon"}'), "OTLP_JSON", /\.startTimeUnixNano: expected .*, got "soon"$/],
    [withSpan('{"startTimeUnixNano":1.5}'), "OTLP_JSON", /\.startTimeUnixNano: expected .*, got 1.5$/],
    [withSpan('{"attributes":[{"key":"a","value":"b"}]}'), "OTLP_JSON", /\.attributes\[0\]\.value: expected an object/],
    [withValue('{"intValue":true}'), "OTLP_JSON", /\.attributes\[0\]\.value\.intValue: expected a 64-bit integer/],
    [withValue('{"intValue":9223372036854775808}'), "OTLP_JSON", /\.intValue: expected a 64-bit integer/],
    [withValue('{"boolValue":"yes"}'), "OTLP_JSON", /\.boolValue: expected true or false, got "yes"$/],
    [withValue('{"doubleValue":"wide"}'), "OTLP_JSON", /\.doubleValue: expected a number/],
    [withValue('{"bytesValue":"*"}'), "OTLP_JSON", /\.bytesValue: expected base64/],
    [withValue('{"arrayValue":{"values":[{"intValue":"x"}]}}'), "OTLP_JSON", /\.arrayValue\.values\[0\]\.intValue: /],
  ])("says where %j is wrong", (json, code, message) => {
    expect(jsonFailure(Buffer.from(json))).toEqual({ kind: "failed", code, message: expect.stringMatching(message) });
  });

  it("refuses other encodings than UTF-8", () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(jsonFailure(bytes).message).toMatch(/UTF-8/);
  });

  it("refuses values nested deeper than protobuf may", () => {
    const nested = (depth: number): string =>
      withValue(`${'{"arrayValue":{"values":['.repeat(depth)}{"intValue":1}${"]}}".repeat(depth)}`);
    expect(decodedJson(nested(99)).rejected).toHaveLength(1);
    expect(jsonFailure(Buffer.from(nested(100))).message).toMatch(/at most 100 deep/);
    expect(jsonFailure(Buffer.from("[".repeat(1_000_000))).code).toBe("OTLP_JSON");
  });

  it("takes time in proportion to its input, whatever that is", () => {
    const long = 20_000_000;
    expect(jsonFailure(Buffer.from(`[${"1".repeat(long)}.`)).code).toBe("OTLP_JSON");
    expect(jsonFailure(Buffer.from(withSpan(`{"traceId":"${"a".repeat(long)}g"}`))).message).toMatch(/hex/);
    expect(jsonFailure(Buffer.from(withValue(`{"bytesValue":"${"a".repeat(long)}*"}`))).message).toMatch(/base64/);
    expect(jsonFailure(Buffer.from(withSpan(`{"kind":"${"\\\\".repeat(long / 2)}"}`))).message).toMatch(/kind/);
  });

  it("takes millions of empty spans, which the decoder then refuses", () => {
    const outcome = decodeJson(Buffer.from(withSpan("{},".repeat(2_000_000).slice(0, -1))));
    expect(outcome.kind === "decoded" && decodeTraces(outcome.protobuf)).toMatchObject({ code: "TOO_MANY_SPANS" });
  });

  it("never throws, whatever byte is changed", () => {
    fc.assert(
      fc.property(arbitraryRequest, fc.nat(), fc.nat(255), (model, at, byte) => {
        const bytes = Buffer.from(encodeJson(model));
        bytes[at % bytes.length] = byte;
        expect(["decoded", "failed"]).toContain(decodeJson(bytes).kind);
        expect(["decoded", "failed"]).toContain(decodeJson(bytes.subarray(0, at % bytes.length)).kind);
      }),
    );
  });
});
