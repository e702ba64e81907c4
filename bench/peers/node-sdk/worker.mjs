/**
 * One subject of `npm run bench -- sdk`: the openai client, bare or wrapped by a tracing SDK, over a `fetch` that answers
 * from memory. Reads commands as JSON lines and answers each with one, on descriptor 3:
 *
 * - `{"kind": "call" | "stream", "count": N, "flush": true}` makes so many calls, waits until all is exported, and answers
 *   with the CPU that this process, all of its threads, has used since its last answer: `{"cpu_us": …}` a call;
 * - `{"kind": "memory"}` collects garbage and answers with what is left: `{"bytes": …}`.
 *
 * Only the exporter of a tracing SDK touches the network: it sends to the address of the second argument.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import OpenAI from "openai";

const [, , subject, sink] = process.argv;

const words =
  "the order ships on time and its status is clear we checked your account with care a refund takes days".split(" ");
const usage = {
  prompt_tokens: 420,
  completion_tokens: 160,
  total_tokens: 580,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
};
const head = {
  id: "chatcmpl-0123456789",
  created: 1_760_000_000,
  model: "gpt-4o-2024-08-06",
  service_tier: "default",
  system_fingerprint: "fp_0123456789",
};
const message = { role: "assistant", content: Array(8).fill(words.join(" ")).join(" "), refusal: null };
const answer = JSON.stringify({
  ...head,
  object: "chat.completion",
  choices: [{ index: 0, message, logprobs: null, finish_reason: "stop" }],
  usage,
});

const chunk = (more) => ({ ...head, object: "chat.completion.chunk", choices: [], usage: null, ...more });
const delta = (said, finish_reason = null) =>
  chunk({ choices: [{ index: 0, delta: said, logprobs: null, finish_reason }] });
const chunks = [
  delta({ role: "assistant", content: "" }),
  ...Array.from({ length: 98 }, (_, i) => delta({ content: `${words[i % words.length]} ` })),
  delta({}, "stop"),
  chunk({ usage }),
];
const encoder = new TextEncoder();
const events = [...chunks.map((data) => JSON.stringify(data)), "[DONE]"].map((data) =>
  encoder.encode(`data: ${data}\n\n`),
);

/** Answers in a later turn of the event loop, as a network does, so that timers and sockets of exporters have theirs. */
const fetch = async (_url, init) => {
  await nextTurn();
  if (!init.body.includes('"stream":true')) {
    return new Response(answer, {
      headers: { "content-type": "application/json", "x-request-id": "req_0123456789" },
    });
  }
  let next = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (next < events.length) controller.enqueue(events[next++]);
      else controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
};
const plain = () => new OpenAI({ apiKey: "sk-0123456789", baseURL: "http://openai.test/v1", fetch, maxRetries: 0 });

/** A provider as its documentation sets it up, with the batch processor's and the exporter's own defaults. */
const openTelemetry = async (processors) => {
  const { BatchSpanProcessor, NodeTracerProvider } = await import("@opentelemetry/sdk-trace-node");
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-proto");
  const batch = () => new BatchSpanProcessor(new OTLPTraceExporter({ url: `${sink}/v1/traces` }));
  const provider = new NodeTracerProvider({ spanProcessors: processors ?? [batch()] });
  provider.register();
  return provider;
};

const spanhouse = async (url) => {
  const { flush, init, wrapOpenAI } = await import("../../../sdk/typescript/dist/spanhouse.js");
  init({ url, apiKey: "key", onWarning() {} });
  return { client: wrapOpenAI(plain()), flush: () => flush(60_000) };
};

const subjects = {
  plain: async () => ({ client: plain(), flush() {} }),

  spanhouse: () => spanhouse(sink),

  /** To an address that is not taken for this machine's, so that bodies are compressed, as over a network. */
  "spanhouse-gzip": () => spanhouse(sink.replace("127.0.0.1", "0.0.0.0")),

  /** The same client, made within one AsyncLocalStorage.run: what a context alone costs. */
  async "async-local-storage"() {
    const { AsyncLocalStorage } = await import("node:async_hooks");
    const storage = new AsyncLocalStorage();
    const client = plain();
    const { create } = client.chat.completions;
    client.chat.completions.create = (...args) => storage.run({}, () => create.apply(client.chat.completions, args));
    return { client, flush() {} };
  },

  async langsmith() {
    const { Client } = await import("langsmith");
    const { wrapOpenAI } = await import("langsmith/wrappers");
    const client = new Client({ apiUrl: sink, apiKey: "key" });
    return {
      client: wrapOpenAI(plain(), { client, tracingEnabled: true }),
      flush: () => client.flush().then(() => client.awaitPendingTraceBatches()),
    };
  },

  async langfuse() {
    const { LangfuseSpanProcessor } = await import("@langfuse/otel");
    const { observeOpenAI } = await import("@langfuse/openai");
    const provider = await openTelemetry([
      new LangfuseSpanProcessor({ publicKey: "pk", secretKey: "sk", baseUrl: sink }),
    ]);
    return { client: observeOpenAI(plain()), flush: () => provider.forceFlush() };
  },

  async braintrust() {
    const { initLogger, wrapOpenAI } = await import("braintrust");
    const projectId = "00000000-0000-4000-8000-000000000000";
    const logger = initLogger({ projectId, apiKey: "key", orgName: "bench", appUrl: sink });
    return { client: wrapOpenAI(plain()), flush: () => logger.flush() };
  },

  async openinference() {
    const { OpenAIInstrumentation } = await import("@arizeai/openinference-instrumentation-openai");
    const provider = await openTelemetry();
    new OpenAIInstrumentation({ tracerProvider: provider }).manuallyInstrument(OpenAI);
    return { client: plain(), flush: () => provider.forceFlush() };
  },

  async openllmetry() {
    const { OpenAIInstrumentation } = await import("@traceloop/instrumentation-openai");
    const provider = await openTelemetry();
    const instrumentation = new OpenAIInstrumentation();
    instrumentation.setTracerProvider(provider);
    instrumentation.manuallyInstrument(OpenAI);
    return { client: plain(), flush: () => provider.forceFlush() };
  },
};

const messages = [
  { role: "system", content: `You are a helpful assistant of a shop. ${Array(10).fill(words.join(" ")).join(" ")}` },
  { role: "user", content: `Where is my parcel? ${Array(8).fill(words.join(" ")).join(" ")}` },
];
const request = { model: "gpt-4o", messages, temperature: 0.5 };
const calls = {
  call: (client) => client.chat.completions.create(request),
  async stream(client) {
    const stream = await client.chat.completions.create({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    });
    let seen = 0;
    for await (const _chunk of stream) seen++;
    if (seen !== chunks.length) throw new Error(`${seen} chunks of ${chunks.length}`);
  },
};

const microseconds = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

const { client, flush } = await subjects[subject]();
const say = (value) => writeSync(3, `${JSON.stringify(value)}\n`);
let before = microseconds();
say({ ready: subject });
for await (const line of createInterface({ input: process.stdin })) {
  const { kind, count, flush: flushes } = JSON.parse(line);
  if (kind === "memory") {
    // What finalizers hold on to goes with a second collection.
    for (let i = 0; i < 3; i++) {
      globalThis.gc();
      await wait(50);
    }
    const { heapUsed, external } = process.memoryUsage();
    say({ bytes: heapUsed + external });
  } else {
    for (let i = 0; i < count; i++) await calls[kind](client);
    if (flushes) await flush();
    const now = microseconds();
    say({ cpu_us: (now - before) / count });
  }
  before = microseconds();
}
