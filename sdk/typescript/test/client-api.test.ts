import Anthropic from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { trace as otelTrace } from "@opentelemetry/api";
import { type ProviderSimulator, startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { scriptHeader } from "@spanhouse/conformance/script";
import Anthropic0 from "anthropic-0";
import OpenAI, { AzureOpenAI } from "openai";
import OpenAI4 from "openai-4";
import OpenAI5 from "openai-5";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { flush, init, trace, wrapAnthropic, wrapOpenAI } from "../src/spanhouse.ts";
import { type Collector, startCollector } from "./collector.ts";

/** What other tracers break in the clients, held against ours: each call works as ever, and is one span. */
let simulator: ProviderSimulator;
let collector: Collector;
beforeAll(async () => {
  simulator = await startProviderSimulator();
  collector = await startCollector();
});
afterAll(() => Promise.all([simulator.stop(), collector.stop()]));
beforeEach(() => {
  collector.spans.length = 0;
  init({ url: collector.url, service: "api" });
});

const apiKey = "sk-conformance-0001";
const scripted = (script: string) => ({ headers: { "x-simulator-script": scriptHeader(script) } });
const messages = [{ role: "user" as const, content: "Where is my parcel?" }];
const chat = { model: "gpt-4o", messages };
const plain = () => new OpenAI({ apiKey, baseURL: `${simulator.url}/v1`, maxRetries: 0 });
const wrapped = () => wrapOpenAI(plain());
const emitted = async () => {
  await flush();
  // An earlier test's tracer closes when the next one's takes its place.
  return collector.spans.filter(({ name }) => name !== "spanhouse.close");
};
const names = async () => (await emitted()).map(({ name }) => name).sort();

test("the wrapped client is of its class, wrapping twice is once, and the original is untouched", async () => {
  const original = plain();
  const { create } = original.chat.completions;
  const fetchBefore: unknown = Reflect.get(original, "fetch");
  const client = wrapOpenAI(original);
  expect(client).toBeInstanceOf(OpenAI);
  expect(client).not.toBe(original);
  expect(wrapOpenAI(client)).toBe(client);
  await original.chat.completions.create(chat);
  expect(original.chat.completions.create).toBe(create);
  expect(Reflect.get(original, "fetch")).toBe(fetchBefore);
  expect(await names()).toEqual([]);
});

test("withResponse gives data, response and request id", async () => {
  const { data, response, request_id } = await wrapped().chat.completions.create(chat).withResponse();
  expect(data.choices[0]?.message.content).toBeTruthy();
  expect(response).toBeInstanceOf(Response);
  expect(response.headers.get("x-request-id")).toBe(request_id);
  expect(data).toHaveProperty("_request_id", request_id);
  expect(await names()).toEqual(["chat gpt-4o"]);
});

test.each([
  ["json", (response: Response) => response.json()],
  ["text", (response: Response) => response.text()],
  ["arrayBuffer", (response: Response) => response.arrayBuffer()],
  ["blob", (response: Response) => response.blob()],
  ["clone", async (response: Response) => Promise.all([response.clone().text(), response.text()])],
  ["body", async (response: Response) => new Response(response.body).text()],
  [
    "a reader",
    async (response: Response) => {
      const reader = response.body!.getReader();
      while (!(await reader.read()).done);
    },
  ],
  ["pipeTo", (response: Response) => response.body!.pipeTo(new WritableStream())],
  ["tee", async (response: Response) => Promise.all(response.body!.tee().map((half) => new Response(half).text()))],
] as const)("asResponse leaves the body to be read by %s", async (_how, read) => {
  const response = await wrapped().chat.completions.create(chat).asResponse();
  expect(response.bodyUsed).toBe(false);
  await read(response);
  const [span, ...others] = await emitted();
  expect(others).toEqual([]);
  expect(span?.attributes["spanhouse.response"]).toBe(simulator.requests().at(-1)?.response);
  expect(span?.attributes["gen_ai.usage.output_tokens"]).toBeGreaterThan(0);
});

test("parse, stream and runTools work, each call seen once, the tools as spans", async () => {
  const client = wrapped();
  const parsed = await client.chat.completions.parse(
    { ...chat, response_format: { type: "json_schema", json_schema: { name: "x", schema: {} } } },
    scripted('[[say {"place":"Graz"}]]'),
  );
  expect(parsed.choices[0]?.message.content).toBe('{"place":"Graz"}');
  const stream = client.chat.completions.stream(chat, scripted("[[say On its way.]]"));
  expect(await stream.finalContent()).toBe("On its way.");
  const response = await client.responses.stream({ model: "gpt-4.1", input: "Hello" }).finalResponse();
  expect(response.output_text).toBeTruthy();
  expect(await names()).toEqual(["chat gpt-4.1", "chat gpt-4o", "chat gpt-4o"]);

  collector.spans.length = 0;
  await trace("agent", async () => {
    const runner = client.chat.completions.runTools(
      {
        ...chat,
        tools: [
          {
            type: "function",
            function: {
              name: "lookup_order",
              description: "",
              parameters: { type: "object" },
              parse: JSON.parse,
              function: ({ id }: { id: string }) => ({ id, place: "Graz" }),
            },
          },
        ],
      },
      scripted('[[tool lookup_order={"id":"A-1"}]][[then]][[say In Graz.]]'),
    );
    expect(await runner.finalContent()).toBe("In Graz.");
  });
  const spans = await emitted();
  expect(spans.map(({ name }) => name).sort()).toEqual([
    "agent",
    "chat gpt-4o",
    "chat gpt-4o",
    "execute_tool lookup_order",
  ]);
  const tool = spans.find(({ name }) => name.startsWith("execute_tool"));
  expect(tool?.attributes).toMatchObject({
    "gen_ai.tool.call.id": expect.stringMatching(/^call_/),
    "gen_ai.tool.call.arguments": '{"id":"A-1"}',
    "gen_ai.tool.call.result": '{"id":"A-1","place":"Graz"}',
  });
  const root = spans.find(({ name }) => name === "agent");
  expect(spans.every(({ traceId }) => traceId === root?.traceId)).toBe(true);
  expect(tool?.parentSpanId).toBe(root?.spanId);
});

test("withOptions stays wrapped, and a call is still seen once", async () => {
  const client = wrapped().withOptions({ timeout: 5_000 });
  expect(client).toBeInstanceOf(OpenAI);
  await client.withOptions({ maxRetries: 1 }).chat.completions.create(chat, scripted("[[500 times=1]]"));
  expect(await names()).toEqual(["attempt 1", "attempt 2", "chat gpt-4o"]);
});

test("streams stay the client's own: tee, toReadableStream, the controller, early breaks stop the request", async () => {
  const client = wrapped();
  const open = (script: string) => client.chat.completions.create({ ...chat, stream: true }, scripted(script));
  const [left, right] = (await open("[[say one two]]")).tee();
  const read = async (stream: AsyncIterable<{ choices: { delta: { content?: string | null } }[] }>) => {
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    return text;
  };
  expect(await Promise.all([read(left), read(right)])).toEqual(["one two", "one two"]);
  expect(await new Response((await open("[[say three]]")).toReadableStream()).text()).toContain("three");

  const aborted = await open("[[pace 20]][[say one two three four five six]]");
  for await (const _chunk of aborted) aborted.controller.abort();
  const spans = await emitted();
  expect(spans.map(({ attributes }) => attributes["spanhouse.aborted"] ?? false)).toEqual([false, false, true]);
  expect(spans[2]?.status).toBe(0);
});

test("a call that nobody awaits does not hide its failure from the process", async () => {
  const seen: unknown[] = [];
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason) => seen.push(reason));
  void wrapped().chat.completions.create(chat, scripted("[[400]]"));
  await expect.poll(() => seen.length).toBe(1);
  await expect(wrapped().chat.completions.create(chat, scripted("[[400]]"))).rejects.toThrow("400");
  await new Promise((resolve) => setImmediate(resolve));
  process.removeAllListeners("unhandledRejection");
  for (const listener of listeners) process.on("unhandledRejection", listener);
  expect(seen).toHaveLength(1);
  expect(await names()).toEqual(["chat gpt-4o", "chat gpt-4o"]);
});

test("a provider's host is told by the base URL, Azure's by its client; what is no model call is no span", async () => {
  const fetch = async () => Response.json({ id: "x", model: "m", choices: [] });
  const azure = wrapOpenAI(
    new AzureOpenAI({
      apiKey,
      endpoint: "https://x.openai.azure.com",
      apiVersion: "2024-10-21",
      deployment: "d",
      fetch,
    }),
  );
  expect(azure).toBeInstanceOf(AzureOpenAI);
  await azure.chat.completions.create(chat);
  for (const baseURL of ["https://api.groq.com/openai/v1", "https://api.x.ai/v1", "https://llm.example.com:8443/v1"]) {
    await wrapOpenAI(new OpenAI({ apiKey, baseURL, fetch })).chat.completions.create(chat);
  }
  await wrapOpenAI(new OpenAI({ apiKey, fetch })).models.list();
  const spans = await emitted();
  expect(spans.map(({ attributes }) => [attributes["gen_ai.provider.name"], attributes["server.port"]])).toEqual([
    ["azure.ai.openai", undefined],
    ["groq", undefined],
    ["x_ai", undefined],
    ["openai", 8443],
  ]);
});

test("uploads and binary answers: fields of a form, media by hash", async () => {
  const fetch = async (_url: unknown, init?: RequestInit) =>
    init?.body instanceof FormData
      ? Response.json({
          text: "hello",
          usage: { type: "tokens", input_tokens: 14, output_tokens: 5, total_tokens: 19 },
        })
      : new Response(new Uint8Array([1, 2, 3]), { headers: { "content-type": "audio/mpeg" } });
  const client = wrapOpenAI(new OpenAI({ apiKey, fetch: fetch as never }));
  const file = new File(["abc"], "a.wav", { type: "audio/wav" });
  expect((await client.audio.transcriptions.create({ model: "gpt-4o-transcribe", file })).text).toBe("hello");
  const speech = await client.audio.speech.create({ model: "tts-1", voice: "alloy", input: "hello" });
  expect(new Uint8Array(await speech.arrayBuffer())).toEqual(new Uint8Array([1, 2, 3]));
  const [heard, said] = await emitted();
  expect(heard).toMatchObject({
    name: "generate_content gpt-4o-transcribe",
    attributes: { "gen_ai.usage.input_tokens": 14 },
  });
  expect(JSON.parse(String(heard?.attributes["spanhouse.request"]))).toEqual({
    model: "gpt-4o-transcribe",
    file: { name: "a.wav", bytes: 3, media_type: "audio/wav" },
  });
  expect(said).toMatchObject({ name: "generate_content tts-1", attributes: { "gen_ai.output.type": "speech" } });
  expect(said?.attributes["spanhouse.response"]).toMatch(/^spanhouse:media:[0-9a-f]{64}$/);
});

test("base64 media in a request go by hash, once each", async () => {
  const data = Buffer.alloc(6_000, 7).toString("base64");
  const content = [
    { type: "text" as const, text: "What is this?" },
    { type: "image_url" as const, image_url: { url: `data:image/png;base64,${data}` } },
  ];
  await wrapped().chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content }] });
  const [span] = await emitted();
  const [medium] = JSON.parse(String(span?.attributes["spanhouse.media"]));
  expect(medium).toMatchObject({ bytes: 6_000, media_type: "image/png", head: data.slice(0, 256) });
  expect(span?.attributes["spanhouse.request"]).toContain(`data:image/png;base64,spanhouse:media:${medium.sha256}"`);
});

test.each([
  ["openai 4", () => wrapOpenAI(new OpenAI4({ apiKey, baseURL: `${simulator.url}/v1`, maxRetries: 1 }))],
  ["openai 5", () => wrapOpenAI(new OpenAI5({ apiKey, baseURL: `${simulator.url}/v1`, maxRetries: 1 }))],
] as const)("%s: calls, streams, retries and errors", async (_name, create) => {
  const client = create() as unknown as OpenAI;
  await client.chat.completions.create(chat, scripted("[[500 times=1]]"));
  for await (const _chunk of await client.chat.completions.create({ ...chat, stream: true }));
  for await (const _chunk of await client.chat.completions.create({ ...chat, stream: true }, scripted("[[pace 10]]")))
    break;
  await expect(client.chat.completions.create(chat, scripted("[[400]]"))).rejects.toThrow("400");
  const calls = (await emitted()).filter(({ name }) => name === "chat gpt-4o");
  expect(
    calls.map(({ attributes: a }) => [a["gen_ai.response.finish_reasons"], a["spanhouse.aborted"], a["error.type"]]),
  ).toEqual([
    [["stop"], undefined, undefined],
    [["stop"], undefined, undefined],
    [undefined, true, undefined],
    [undefined, undefined, "BadRequestError"],
  ]);
  expect(calls[0]?.attributes["http.request.resend_count"]).toBe(1);
});

test("anthropic's own spans, made where OpenTelemetry is set up, do not double ours", async () => {
  const made: string[] = [];
  const inert = otelTrace.wrapSpanContext({ traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 1 });
  const startSpan = (name: string) => {
    made.push(name);
    return inert;
  };
  const startActiveSpan = (name: string, ...rest: unknown[]) =>
    (rest.at(-1) as (span: typeof inert) => unknown)(startSpan(name));
  otelTrace.setGlobalTracerProvider({ getTracer: () => ({ startSpan, startActiveSpan }) as never });
  try {
    const request = { model: "claude-sonnet-4-0", max_tokens: 100, messages };
    const original = new Anthropic({ apiKey, baseURL: simulator.url });
    await original.messages.create(request);
    expect(made).toHaveLength(1);
    await wrapAnthropic(original).messages.create(request);
    await wrapAnthropic(original).withOptions({ timeout: 5_000 }).messages.create(request);
    expect(made).toHaveLength(1);
  } finally {
    otelTrace.disable();
  }
  expect(await names()).toEqual(["chat claude-sonnet-4-0", "chat claude-sonnet-4-0"]);
});

test("a chunk that is no JSON breaks the client's stream as ever, and the call keeps the bytes", async () => {
  const good = `data: ${JSON.stringify({ id: "c-1", model: "gpt-4o", choices: [{ index: 0, delta: { content: "a" } }] })}\n\n`;
  const fetch = async () => new Response(`${good}data: {"id":"c-1","choi\n\n${good}data: [DONE]\n\n`);
  const read = async (client: OpenAI) => {
    let chunks = 0;
    const log = { error() {}, warn() {}, info() {}, debug() {} };
    const stream = await client.withOptions({ logger: log }).chat.completions.create({ ...chat, stream: true });
    const error: unknown = await (async () => {
      for await (const _chunk of stream) chunks++;
    })().catch((thrown: unknown) => thrown);
    return [chunks, (error as Error).constructor.name, (error as Error).message];
  };
  const bare = new OpenAI({ apiKey, fetch });
  expect(await read(wrapOpenAI(bare))).toEqual(await read(bare));
  const [span, ...others] = await emitted();
  expect(others).toEqual([]);
  expect(span?.attributes).toMatchObject({ "gen_ai.response.id": "c-1", "gen_ai.response.model": "gpt-4o" });
  expect(span?.attributes["spanhouse.response"]).toContain('data: {"id":"c-1","choi\n');
});

test("anthropic 0.39 and 1: messages, streams, the tool runner and its tools", async () => {
  const request = { model: "claude-sonnet-4-0", max_tokens: 100, messages };
  const old = wrapAnthropic(new Anthropic0({ apiKey, baseURL: simulator.url }));
  await old.messages.create(request);
  expect(await old.messages.stream(request).finalText()).toBeTruthy();
  const client = wrapAnthropic(new Anthropic({ apiKey, baseURL: simulator.url }));
  expect(client).toBeInstanceOf(Anthropic);
  expect(await client.messages.stream(request).finalText()).toBeTruthy();
  const weather = betaTool({
    name: "weather",
    description: "",
    inputSchema: { type: "object", properties: { city: { type: "string" } } },
    run: async () => "dry",
  });
  const runner = client.beta.messages.toolRunner(
    { ...request, tools: [weather] },
    scripted('[[tool weather={"city":"Graz"}]][[then]][[say Dry.]]'),
  );
  expect((await runner).content[0]).toMatchObject({ text: "Dry." });
  const spans = await emitted();
  expect(spans.map(({ name }) => name).sort()).toEqual([
    ...Array.from({ length: 5 }, () => "chat claude-sonnet-4-0"),
    "execute_tool weather",
  ]);
  const tool = spans.find(({ name }) => name === "execute_tool weather");
  expect(tool?.attributes["gen_ai.tool.call.id"]).toMatch(/^toolu_/);
});

const batchLine = (number: number, filling = "") =>
  `${JSON.stringify({
    custom_id: `question ${number}`,
    response: {
      status_code: 200,
      body: { id: `chatcmpl-${number}`, object: "chat.completion", model: "gpt-4o", choices: [], note: filling },
    },
    error: null,
  })}\n`;

/** A client to which each file has these results. */
const withResults = (text: string) =>
  wrapOpenAI(new OpenAI({ apiKey, baseURL: simulator.url, fetch: () => Promise.resolve(new Response(text)) }));

test("a batch's results read twice, and in whatever way, are the same spans", async () => {
  const client = withResults(batchLine(1) + batchLine(2));
  const read = [
    await client.files.content("file-1").then((file) => file.text()),
    await client.files.content("file-1").then((file) => new Response(file.body).text()),
  ];
  expect(read[0]).toBe(read[1]);
  const spans = await emitted();
  expect(spans).toHaveLength(6);
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(3);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
});

test("of a batch with more results than the queue can hold none is lost", async () => {
  init({ url: collector.url, service: "api", maxQueueBytes: 256 * 1024 });
  const filling = "x ".repeat(500);
  const lines = Array.from({ length: 1_000 }, (_, number) => batchLine(number, filling));
  await withResults(lines.join(""))
    .files.content("file-2")
    .then((file) => file.text());
  await vi.waitFor(async () => expect(await emitted()).toHaveLength(1_001), { timeout: 20_000, interval: 100 });
});

test("a file that is no batch's results is no span", async () => {
  await withResults(
    '{"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":{}}\n{"messages":[]}\nno JSON',
  )
    .files.content("file-3")
    .then((file) => file.text());
  expect(await names()).toEqual([]);
});
