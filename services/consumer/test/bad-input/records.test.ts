import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { encodeJson } from "@spanhouse/schemas/otlp/json";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chat, request, span } from "../pipeline/spans.ts";
import type { ObservedPipeline } from "./observed-pipeline.ts";
import { observedPipeline, projectOf, sha256 } from "./observed-pipeline.ts";

let pipeline: ObservedPipeline;

beforeAll(async () => {
  pipeline = await observedPipeline();
});
afterAll(async () => {
  await pipeline.goesOn();
  await pipeline.stop();
});

const good = request(span(1, 1, undefined, chat(1000, 100)));
const goodBytes = encodeTraces(good);
const goodJson = encodeJson(good);
const MiB = 1024 * 1024;

const jsonSpan = (fields: object) =>
  JSON.stringify({
    resourceSpans: [
      { scopeSpans: [{ spans: [{ ...JSON.parse(goodJson).resourceSpans[0].scopeSpans[0].spans[0], ...fields }] }] },
    ],
  });

const unreadable: readonly (readonly [string, string | Uint8Array, string, RegExp])[] = [
  ["0 bytes", "", "OTLP_EMPTY", /0 bytes/],
  ["protobuf cut in the middle", goodBytes.subarray(0, goodBytes.length / 2), "OTLP_TRUNCATED", /runs over the end/],
  ["protobuf cut by its last byte", goodBytes.subarray(0, -1), "OTLP_TRUNCATED", /runs over the end/],
  ["bytes of another format", Buffer.from("%PDF-1.7 nothing of ours"), "OTLP_WIRE", /./],
  ["JSON cut in the middle", goodJson.slice(0, goodJson.length / 2), "OTLP_JSON", /JSON/],
  ["JSON with a comma too many", goodJson.replace(/\}\]\}$/, "},]}"), "OTLP_JSON", /JSON/],
  ["JSON that is no object", `{"resourceSpans": 7}`, "OTLP_JSON", /\$\.resourceSpans: expected an array, got 7/],
  [
    "JSON with a time that is a boolean",
    jsonSpan({ startTimeUnixNano: true }),
    "OTLP_JSON",
    /spans\[0\]\.startTimeUnixNano: expected .*got true/,
  ],
  [
    "JSON with a name that is a number",
    jsonSpan({ name: 7 }),
    "OTLP_JSON",
    /spans\[0\]\.name: expected a string, got 7/,
  ],
  [
    "JSON with attributes as an object",
    jsonSpan({ attributes: { a: 1 } }),
    "OTLP_JSON",
    /attributes: expected an array, got an object/,
  ],
  ["JSON with an id that is not hex", jsonSpan({ spanId: "hello" }), "OTLP_JSON", /spanId: expected hex/],
  [
    "JSON with a fractional integer",
    jsonSpan({ attributes: [{ key: "n", value: { intValue: 1.5 } }] }),
    "OTLP_JSON",
    /intValue/,
  ],
  [
    "JSON that is not UTF-8",
    Buffer.concat([Buffer.from(goodJson.slice(0, 40)), Buffer.from([0xff]), Buffer.from(goodJson.slice(40))]),
    "OTLP_JSON",
    /UTF-8/,
  ],
];

it.concurrent.each(unreadable)(
  "%s: the record is buried as it was, its neighbours are stored",
  async (name, value, code, why) => {
    const project = projectOf(name);
    const bytes = Buffer.from(value);
    const neighbour = encodeTraces(request(span(2, 2, undefined, chat(2000, 100))));
    await pipeline.sendBytes(project, goodBytes, bytes, neighbour);

    const [letter, ...others] = await pipeline.letters(project);
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ code, stage: "read", message: expect.stringMatching(why) });
    expect(letter!.value).toEqual(bytes);
    expect(letter!.headers).toMatchObject({
      "spanhouse-project": project,
      "spanhouse-origin-topic": "otlp_spans",
      "spanhouse-origin-partition": "0",
      "spanhouse-origin-offset": expect.stringMatching(/^\d+$/),
      "spanhouse-origin-timestamp": expect.stringMatching(/^\d+$/),
      "spanhouse-error-code": code,
      "spanhouse-error-stage": "read",
      "spanhouse-error-message": letter!.message,
    });
    expect(await pipeline.spans(project, "cost")).toEqual([{ cost: "0.0035" }, { cost: "0.006" }]);
  },
);

it.concurrent("a request without a span is nothing, in JSON and protobuf", async () => {
  await pipeline.sendBytes("empty", Buffer.from("{}"), Buffer.from('{"resourceSpans":[]}'), Buffer.from([0x0a, 0x00]));
  expect(await pipeline.spans("empty", "name")).toEqual([]);
  expect(await pipeline.letters("empty")).toEqual([]);
});

it.concurrent("20 MB of garbage is buried byte for byte, as protobuf and as JSON", async () => {
  const noise = Buffer.alloc(20 * MiB);
  for (let i = 0, state = 1; i < noise.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    noise[i] = state >>> 24;
  }
  noise[0] = 0xff;
  const json = Buffer.from(`{"resourceSpans":${"[".repeat(20 * MiB)}`);
  await pipeline.sendBytes("garbage", noise, goodBytes);
  await pipeline.sendBytes("garbage", json);
  const rows = await pipeline.clickhouse.query(
    `SELECT code, length(value) AS size, lower(hex(SHA256(value))) AS hash FROM dead_letters FINAL
     WHERE project = 'garbage' ORDER BY code`,
  );
  expect(rows).toEqual([
    { code: "OTLP_JSON", size: String(json.length), hash: sha256(json) },
    { code: "OTLP_WIRE", size: String(noise.length), hash: sha256(noise) },
  ]);
  expect(await pipeline.spans("garbage", "cost")).toEqual([{ cost: "0.0035" }]);
}, 60_000);

it.concurrent.each(["protobuf", "JSON"])(
  "20 MB of good spans in one record of %s are all stored",
  async (encoding) => {
    const text = "All work and no play makes Jack a dull boy. ".repeat(1000);
    const many = Array.from({ length: 470 }, (_, i) => span(1, 0x1000 + i, undefined, chat(1000, 100, { text })));
    const bytes = encoding === "JSON" ? Buffer.from(encodeJson(request(...many))) : encodeTraces(request(...many));
    expect(bytes.length).toBeGreaterThan(19 * MiB);
    await pipeline.sendBytes(projectOf(`large ${encoding}`), bytes);
    expect(await pipeline.trace(projectOf(`large ${encoding}`), "spans, calls, cost")).toEqual({
      spans: 470,
      calls: 470,
      cost: "1.645",
    });
    const [whole] = await pipeline.clickhouse.query(
      "SELECT count() AS n, countIf(attributes['text'] = {text:String}) AS whole FROM span_payloads WHERE project = {project:String}",
      { project: projectOf(`large ${encoding}`), text },
    );
    expect(whole).toEqual({ n: "470", whole: "470" });
  },
  60_000,
);

it.concurrent.each([
  ["no project", {}, '""'],
  ["a project that is no name", { "spanhouse-project": "two words; DROP" }, '"two words; DROP"'],
  ["a megabyte as project", { "spanhouse-project": "p".repeat(MiB) }, '"ppp'],
])("%s: buried, for nobody knows whose it is", async (name, headers, told) => {
  const marked = encodeTraces(request(span(9, 1, undefined, { mark: name })));
  await pipeline.sendWith(headers, marked);
  const rows = await pipeline.clickhouse.query(
    "SELECT code, stage, message, project FROM dead_letters FINAL WHERE lower(hex(SHA256(value))) = {hash:String}",
    { hash: sha256(marked) },
  );
  expect(rows).toEqual([
    { code: "PROJECT_UNKNOWN", stage: "read", message: expect.stringContaining(told), project: expect.any(String) },
  ]);
  expect(String(rows[0]?.message).length).toBeLessThan(300);
});

it.concurrent("a project that nobody created takes spans: keys make projects known, records only name them", async () => {
  await pipeline.send("never-created", good);
  expect(await pipeline.spans("never-created", "cost")).toEqual([{ cost: "0.0035" }]);
});

it.concurrent("a record without content type is read as what it is, though its bytes begin like the other", async () => {
  const padded = (padding: number) =>
    encodeTraces({
      resourceSpans: [{ scopeSpans: [{ spans: [span(1, 1, undefined, {}, 0n, { name: "n".repeat(padding) })] }] }],
    });
  const likeJson = Array.from({ length: 120 }, (_, padding) => padded(padding)).find((bytes) => bytes[1] === 0x7b)!;
  expect(likeJson.subarray(0, 2).toString()).toBe("10,123");
  await pipeline.sendBytes("either", likeJson, Buffer.from(`\n${encodeJson(request(span(1, 2, undefined, {})))}\n`));
  expect(await pipeline.letters("either")).toEqual([]);
  expect(await pipeline.spans("either", "kind")).toEqual([{ kind: "client" }, { kind: "client" }]);
});

it.concurrent("headers that pretend an origin are no way to stop the partition", async () => {
  const forged = {
    "spanhouse-origin-partition": "-1",
    "spanhouse-origin-offset": "0x",
    "spanhouse-origin-timestamp": "9".repeat(20),
  };
  await pipeline.sendWith({ "spanhouse-project": "forged", ...forged }, Buffer.from("no request"));
  expect(
    (await pipeline.letters("forged")).map(({ code, headers }) => [code, headers["spanhouse-origin-offset"]]),
  ).toEqual([["OTLP_WIRE", "0x"]]);
});
