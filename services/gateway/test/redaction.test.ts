import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { KeyValue } from "@spanhouse/schemas/otlp/model";
import { readServerSentEvents } from "@spanhouse/schemas/server-sent-events";
import type { RedactionPolicy } from "@spanhouse/store/redaction-policies";
import fc from "fast-check";
import { expect, test } from "vitest";
import { rewriteTexts } from "../src/redaction/record-rewriter.ts";
import { policyRewrite } from "../src/redaction/redactor.ts";
import { statusIn } from "./answers.ts";
import { createFakePublisher } from "./fake-publisher.ts";
import { request, span, testGateway } from "./test-gateway.ts";

const all: RedactionPolicy = { patterns: ["email", "phone", "card", "secret"], custom: [], content: "keep" };
const told = (text: string, policy = all, name = "input.value") => policyRewrite(policy)(name, text);

test.each([
  ["mail to ada@example.org.", "mail to [redacted:email]."],
  ["a.b+c@sub.example.co.uk,x", "[redacted:email],x"],
  [
    "call +44 20 7946 0958 or (555) 123-4567 or 555-123-4567",
    "call [redacted:phone] or [redacted:phone] or [redacted:phone]",
  ],
  ["+41 (0)44 668 18 00", "[redacted:phone]"],
  ["pay 4111 1111 1111 1111 or 378282246310005", "pay [redacted:card] or [redacted:card]"],
  ["key sk-proj-abcdefghijklmnopqrstuvwx and AKIAIOSFODNN7EXAMPLE", "key [redacted:secret] and [redacted:secret]"],
  [`sh_ir_${"a".repeat(43)}`, "[redacted:secret]"],
  ["Authorization: Bearer abcdefghijklmnop1234", "Authorization: Bearer [redacted:secret]"],
  ["postgres://app:hunter2@db:5432/x", "postgres://[redacted:secret]@db:5432/x"],
  [`jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${"s".repeat(20)} end`, "jwt [redacted:secret] end"],
])("%s", (text, expected) => {
  expect(told(text)).toBe(expected);
  // In JSON, in a string in JSON, and as it is escaped there.
  expect(JSON.parse(told(JSON.stringify({ a: [text], n: 1.5 })))).toEqual({ a: [expected], n: 1.5 });
  const nested = JSON.parse(told(JSON.stringify({ arguments: JSON.stringify({ text: `"${text}"\n` }) })));
  expect(JSON.parse(nested.arguments)).toEqual({ text: `"${expected}"\n` });
});

test.each([
  "version 1.2.3 of 2026-11-28 at 10:11:12.345",
  "4111 1111 1111 1112 fails Luhn's check",
  "order 1790000000000000000 took 12345678 ns",
  "tokens: 123456, ids a1b2c3d4-0000-4000-8000-123456789012",
  "@mention and me@localhost",
  "chatcmpl-9tKzXwYvUtSrQpOnMlKjIhGf on gpt-4.1-mini-2025-04-14",
])("left alone: %s", (text) => {
  expect(told(text)).toBe(text);
});

test("a card as a JSON number becomes a text, other numbers stay as they are written", () => {
  const body = '{"card": 4111111111111111, "created": 1790000000000000001, "cost": 1.10, "tokens": 12}';
  expect(told(body)).toBe('{"card": "[redacted:card]", "created": 1790000000000000001, "cost": 1.10, "tokens": 12}');
});

test("an address that a stream cuts into its letters is found; other events stay byte for byte", () => {
  const delta = (content: string, index = 0) =>
    `data: {"id":"x", "choices":[{"index":${index},"delta":{"content":${JSON.stringify(content)}}}]}`;
  const usage = 'data: {"id":"x", "choices":[],"usage":{"prompt_tokens":12,"cost":0.10}}';
  const lines = ["write to ", "a", "da@ex", "ample", ".org", " now"].map((part) => delta(part));
  const stream = [...lines, delta("@other choice", 1), usage, "data: [DONE]", ""].join("\n\n");
  const rewritten = told(stream);
  const said = readServerSentEvents(rewritten).events.map((event) => {
    const [choice] = (event as { choices: Array<{ index: number; delta: { content: string } }> }).choices;
    return choice?.index === 0 ? choice.delta.content : "";
  });
  expect(said.join("")).toBe("write to [redacted:email] now");
  for (const line of [lines[0]!, lines.at(-1)!, usage, delta("@other choice", 1)]) expect(rewritten).toContain(line);
});

test("ids by which spend is grouped are no texts", () => {
  for (const name of ["user.id", "enduser.id", "gen_ai.conversation.id", "langfuse.user", "gen_ai.request.model"]) {
    expect(told("ada@example.org", all, name)).toBe("ada@example.org");
  }
  expect(told("ada@example.org", all, "metadata.contact")).toBe("[redacted:email]");
});

test("custom expressions are linear, whatever they are", () => {
  const policy: RedactionPolicy = { patterns: [], custom: ["(?i)project\\s+\\w+", "(a+)+$"], content: "keep" };
  expect(told("about Project Zeus.", policy)).toBe("about [redacted:custom].");
  expect(told(`${"a".repeat(20_000)}b`, policy)).toHaveLength(20_001);
});

test("content is dropped or hashed; structure, numbers and the provider's own words stay", () => {
  const drop: RedactionPolicy = { patterns: [], custom: [], content: "drop" };
  const body = {
    ...{ id: "r1", object: "chat.completion", model: "m", service_tier: "flex" },
    choices: [
      {
        ...{ index: 0, finish_reason: "tool_calls" },
        message: {
          ...{ role: "assistant", content: "It is Ada.", refusal: "" },
          tool_calls: [{ id: "c1", type: "function", function: { name: "find", arguments: '{"name":"Ada"}' } }],
        },
      },
    ],
    usage: { prompt_tokens: 12, completion_tokens: 3 },
  };
  const dropped = JSON.parse(told(JSON.stringify(body), drop, "spanhouse.response"));
  expect(dropped).toEqual({
    ...body,
    choices: [
      {
        ...body.choices[0],
        message: {
          ...{ role: "assistant", content: "[redacted]", refusal: "" },
          tool_calls: [{ id: "c1", type: "function", function: { name: "find", arguments: "[redacted]" } }],
        },
      },
    ],
  });
  expect(JSON.stringify(dropped)).not.toContain("Ada");
  const used = JSON.stringify({
    type: "tool_use",
    name: "find",
    input: { name: "Ada", age: 36, born: { at: "London" } },
  });
  expect(JSON.parse(told(used, drop, "output.value"))).toEqual({
    ...{ type: "tool_use", name: "find" },
    input: { name: "[redacted]", age: 0, born: { at: "[redacted]" } },
  });
  const hash: RedactionPolicy = { ...drop, content: "hash" };
  expect(told("It is Ada.", hash, "gen_ai.completion")).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(told("search", drop, "team")).toBe("search");
  expect(told("x".repeat(201), drop, "team")).toBe("[redacted]");
  expect(told('{"team":"search"}', drop, "spanhouse.ownership")).toBe('{"team":"search"}');
});

function attributesOf(bytes: Uint8Array): Record<string, string | undefined> {
  const decoded = decodeTraces(bytes);
  if (decoded.kind === "failed") throw new Error(decoded.message);
  const { attributes } = decoded.traces.spans[0]!;
  return Object.fromEntries(
    Array.from({ length: attributes.length }, (_, i) => [attributes.key(i), attributes.text(i)]),
  );
}

test("texts are rewritten wherever they stand in a request, and the span says so", () => {
  const text = (key: string, value: string): KeyValue => ({ key, value: { type: "string", value } });
  const address = "ada@example.org";
  const bytes = encodeTraces({
    resourceSpans: [
      {
        resource: { attributes: [text("process.command_args", address)] },
        scopeSpans: [
          {
            spans: [
              {
                ...span(1, 1),
                name: `greet ${address}`,
                attributes: [
                  { key: "list", value: { type: "array", value: [{ type: "string", value: address }] } },
                  { key: "map", value: { type: "kvlist", value: [text("inner", address)] } },
                ],
                events: [{ name: "e", timeUnixNano: 1n, attributes: [text("gen_ai.prompt", address)] }],
                links: [{ traceId: "1".repeat(32), spanId: "2".repeat(16), attributes: [text("x", address)] }],
                status: { code: 2, message: `no user ${address}` },
              },
              span(1, 2),
            ],
          },
        ],
      },
    ],
  });
  const rewritten = rewriteTexts(bytes, policyRewrite(all));
  if (rewritten.kind === "failed") throw new Error(rewritten.message);
  expect(new TextDecoder().decode(rewritten.bytes)).not.toContain("ada@");
  expect(attributesOf(rewritten.bytes)["spanhouse.redacted"]).toBe("true");
  const decoded = decodeTraces(rewritten.bytes);
  if (decoded.kind === "failed") throw new Error(decoded.message);
  const [first, second] = decoded.traces.spans;
  expect([first?.name, first?.statusMessage]).toEqual(["greet [redacted:email]", "no user [redacted:email]"]);
  // The other span is byte for byte what it was.
  const untouched = decodeTraces(bytes);
  if (untouched.kind === "failed") throw new Error(untouched.message);
  const other = untouched.traces.spans[1]!;
  expect(second!.bytes.subarray(second!.start, second!.end)).toEqual(other.bytes.subarray(other.start, other.end));
});

test("whatever the bytes, rewriting that changes nothing gives them back, or says that they are no message", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const rewritten = rewriteTexts(bytes, (_name, text) => text);
      if (rewritten.kind === "rewritten") expect(rewritten.bytes).toBe(bytes);
    }),
  );
});

test("whatever JSON says, redacting it leaves JSON with the same structure and numbers", () => {
  const shape = (value: unknown): unknown => {
    if (typeof value === "string") return "text";
    if (Array.isArray(value)) return value.map(shape);
    if (typeof value !== "object" || value === null) return value;
    return Object.values(value).map(shape);
  };
  const secretive = fc.oneof(
    fc.string(),
    fc.constantFrom("ada@example.org", "+44 20 7946 0958", 'quoted "a@b.example"\\'),
  );
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), secretive, (value, text) => {
      const body = JSON.stringify({ value, text, again: JSON.stringify({ text }) });
      expect(shape(JSON.parse(told(body)))).toEqual(shape(JSON.parse(body)));
    }),
  );
});

test("the gateway publishes what the policy says, and nothing before it knows it", async () => {
  const publisher = createFakePublisher();
  let answers = false;
  const gateway = await testGateway(publisher, {
    policies: {
      async all() {
        if (!answers) throw new Error("connect ECONNREFUSED");
        return new Map([["shop", all]]);
      },
    },
  });
  const body = encodeTraces({
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: [
              {
                ...span(1, 1),
                attributes: [{ key: "input.value", value: { type: "string", value: "ada@example.org" } }],
              },
            ],
          },
        ],
      },
    ],
  });
  const early = await gateway.post(body);
  expect([early.status, (await statusIn(early)).message]).toEqual([
    503,
    "STORE_UNAVAILABLE: what is to be redacted cannot be read: connect ECONNREFUSED",
  ]);
  expect(publisher.records).toEqual([]);
  answers = true;
  expect((await gateway.post(body)).status).toBe(200);
  expect((await gateway.post(request(span(2, 2)))).status).toBe(200);
  const score = await fetch(`${gateway.url}/v1/scores`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": "ingest" },
    body: JSON.stringify({ trace_id: "1".repeat(32), name: "q", value: 1, comment: "says ada@example.org" }),
  });
  expect(score.status).toBe(200);
  expect(attributesOf(publisher.records[0]!.value)).toMatchObject({
    "input.value": "[redacted:email]",
    "spanhouse.redacted": "true",
  });
  expect(attributesOf(publisher.records[1]!.value)["spanhouse.redacted"]).toBeUndefined();
  expect(attributesOf(publisher.records[2]!.value)["gen_ai.evaluation.explanation"]).toBe("says [redacted:email]");
  await gateway.close();
});
