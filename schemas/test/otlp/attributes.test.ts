import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Attributes } from "../../src/otlp/attributes.ts";
import { ValueType } from "../../src/otlp/attributes.ts";
import { encodeTraces } from "../../src/otlp/encode.ts";
import { keyId, keyLimit, lookupKey } from "../../src/otlp/key-registry.ts";
import type { AnyValue, KeyValue } from "../../src/otlp/model.ts";
import { textOf } from "../../src/slice.ts";
import { decoded } from "./decoded.ts";

const model = keyId("gen_ai.request.model");
const tokens = keyId("gen_ai.usage.input_tokens");
const absent = keyId("test.absent");

const ids = { traceId: "0a".repeat(16), spanId: "0b".repeat(8) };
const text = (value: string): AnyValue => ({ type: "string", value });

function spansWith(...attributes: KeyValue[][]): Attributes[] {
  const spans = attributes.map((each) => ({ ...ids, attributes: each }));
  return decoded(encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans }] }] })).spans.map((span) => span.attributes);
}

const valuesOf = (...values: AnyValue[]): Attributes => spansWith(values.map((value) => ({ key: "k", value })))[0]!;

describe("key registry", () => {
  it("gives the same id for the same name and none for other names", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary" }), { maxLength: 50 }),
        fc.string({ unit: "binary" }),
        (names, other) => {
          const registered = names.map((name) => keyId(`test.${name}`));
          expect(names.map((name) => keyId(`test.${name}`))).toEqual(registered);
          expect(new Set(registered).size).toBe(new Set(names).size);
          for (const [index, name] of names.entries()) {
            const bytes = Buffer.from(`<test.${name}>`);
            expect(lookupKey(bytes, 1, bytes.length - 1)).toBe(registered[index]);
          }
          const unknown = Buffer.from(`never.${other}`);
          expect(lookupKey(unknown, 0, unknown.length)).toBe(0);
        },
      ),
    );
  });

  it("tells names of one length and prefix apart", () => {
    const names = Array.from({ length: 2000 }, (_, index) => `gen_ai.prompt.${1000 + index}.role`);
    const registered = names.map(keyId);
    expect(names.map((name) => lookupKey(Buffer.from(name), 0, name.length))).toEqual(registered);
    expect(Math.max(...registered)).toBeLessThan(keyLimit());
  });
});

describe("find", () => {
  it("gives the last of a name and -1 for none, also when spans take turns", () => {
    const [first, second] = spansWith(
      [
        { key: "gen_ai.request.model", value: text("a") },
        { key: "other", value: text("x") },
        { key: "gen_ai.request.model", value: text("b") },
      ],
      [
        { key: "gen_ai.usage.input_tokens", value: { type: "int", value: 7n } },
        { key: "gen_ai.request.model", value: text("c") },
      ],
    );
    for (let turn = 0; turn < 3; turn++) {
      expect([first!.find(model), first!.find(tokens), first!.find(absent), first!.find(0)]).toEqual([2, -1, -1, -1]);
      expect([second!.find(model), second!.find(tokens), second!.find(absent)]).toEqual([1, 0, -1]);
    }
    expect([first!.keyId(0), first!.keyId(1), first!.key(1), textOf(first!.keySlice(1))]).toEqual([
      model,
      0,
      "other",
      "other",
    ]);
  });

  it("does not know a name registered after the record was asked", () => {
    const [attributes] = spansWith([{ key: "test.late", value: text("a") }]);
    expect(attributes!.find(model)).toBe(-1);
    expect(attributes!.find(keyId("test.late"))).toBe(-1);
  });

  it("stays cheap over a million attributes", () => {
    const many = Array.from({ length: 1_000_000 }, () => ({ key: "k", value: { type: "empty" as const } }));
    const [attributes] = spansWith([{ key: "gen_ai.request.model", value: text("a") }, ...many]);
    let found = 0;
    for (let turn = 0; turn < 1_000_000; turn++) found += attributes!.find(model) + attributes!.find(absent);
    expect(found).toBe(-1_000_000);
  });
});

describe("values", () => {
  it.each<[AnyValue, number, string | undefined, number | undefined, boolean | undefined, unknown]>([
    [{ type: "empty" }, ValueType.empty, undefined, undefined, undefined, null],
    [text("héllo"), ValueType.string, "héllo", undefined, undefined, "héllo"],
    [text(""), ValueType.string, "", undefined, undefined, ""],
    [text("42"), ValueType.string, "42", 42, undefined, "42"],
    [text("-1.5e3"), ValueType.string, "-1.5e3", -1500, undefined, "-1.5e3"],
    [text("0x10"), ValueType.string, "0x10", undefined, undefined, "0x10"],
    [text("Infinity"), ValueType.string, "Infinity", undefined, undefined, "Infinity"],
    [text("9".repeat(100)), ValueType.string, "9".repeat(100), undefined, undefined, "9".repeat(100)],
    [{ type: "bool", value: true }, ValueType.bool, "true", undefined, true, true],
    [{ type: "bool", value: false }, ValueType.bool, "false", undefined, false, false],
    [{ type: "int", value: -1n }, ValueType.int, "-1", -1, undefined, -1],
    [{ type: "int", value: 2n ** 49n }, ValueType.int, "562949953421312", 2 ** 49, undefined, 2 ** 49],
    [{ type: "int", value: 2n ** 53n + 1n }, ValueType.int, "9007199254740993", 2 ** 53, undefined, "9007199254740993"],
    [{ type: "double", value: 0.1 }, ValueType.double, "0.1", 0.1, undefined, 0.1],
    [{ type: "double", value: Number.NaN }, ValueType.double, "NaN", Number.NaN, undefined, "NaN"],
    [{ type: "double", value: -Infinity }, ValueType.double, "-Infinity", -Infinity, undefined, "-Infinity"],
    [{ type: "bytes", value: Uint8Array.of(1, 255) }, ValueType.bytes, undefined, undefined, undefined, "Af8="],
    [
      { type: "array", value: [text("a"), { type: "empty" }, { type: "array", value: [] }] },
      ValueType.array,
      undefined,
      undefined,
      undefined,
      ["a", null, []],
    ],
    [
      {
        type: "kvlist",
        value: [
          { key: "a", value: { type: "int", value: 1n } },
          {
            key: "b",
            value: { type: "kvlist", value: [{ key: "c", value: { type: "bytes", value: new Uint8Array(0) } }] },
          },
          { key: "a", value: { type: "int", value: 2n } },
        ],
      },
      ValueType.kvlist,
      undefined,
      undefined,
      undefined,
      { a: 2, b: { c: "" } },
    ],
  ])("reads %o", (value, type, asText, asNumber, asBool, asJson) => {
    const attributes = valuesOf(value);
    expect(attributes.type(0)).toBe(type);
    expect(attributes.text(0)).toBe(asText);
    expect(attributes.number(0)).toBe(asNumber);
    expect(attributes.bool(0)).toBe(asBool);
    expect(attributes.json(0)).toEqual(asJson);
  });

  it("gives __proto__ as a name like any other", () => {
    const value: AnyValue = { type: "kvlist", value: [{ key: "__proto__", value: text("x") }] };
    expect(JSON.stringify(valuesOf(value).json(0))).toBe('{"__proto__":"x"}');
  });

  it("gives texts and bytes as slices of the record", () => {
    const attributes = valuesOf(text("héllo"), { type: "bytes", value: Uint8Array.of(1, 2, 3) });
    expect(textOf(attributes.slice(0))).toBe("héllo");
    const { bytes, start, end } = attributes.slice(1);
    expect([...bytes.subarray(start, end)]).toEqual([1, 2, 3]);
    expect(bytes).toBe(attributes.bytes);
  });
});
