import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { encodeTraces } from "../../src/otlp/encode.ts";
import { encodeJson } from "../../src/otlp/json.ts";
import { toModel } from "../../src/otlp/to-model.ts";
import { decoded } from "./decoded.ts";
import { flatDump } from "./flat-dump.ts";
import { decodedJson } from "./json-outcome.ts";

/** A folder a case: `input.pb` (by protobufjs, where no hand was needed), `input.json`, and what both decode to. */
const folder = new URL("./fixtures/", import.meta.url);
const cases = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe.each(cases.map(({ name }) => name))("fixture %s", (name) => {
  const read = (file: string): Buffer => readFileSync(new URL(`${name}/${file}`, folder));
  const expected: unknown = JSON.parse(read("expected.json").toString());

  it("decodes from protobuf", () => {
    expect(flatDump(decoded(read("input.pb")))).toEqual(expected);
  });

  it("decodes from JSON", () => {
    expect(flatDump(decodedJson(read("input.json").toString()))).toEqual(expected);
  });

  it("survives the way through the model, to protobuf and to JSON", () => {
    const model = toModel(decoded(read("input.pb")));
    expect(flatDump(decoded(encodeTraces(model)))).toEqual(expected);
    expect(flatDump(decodedJson(encodeJson(model)))).toEqual(expected);
  });
});
