import { readFileSync } from "node:fs";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { decodeJson } from "@spanhouse/schemas/otlp/json";
import type { ExportTraceServiceRequest } from "@spanhouse/schemas/otlp/model";
import { toModel } from "@spanhouse/schemas/otlp/to-model";
import { beforeAll, expect, test } from "vitest";
import { episodes } from "../../src/demo/conversations.ts";
import { startDemoTraffic } from "../../src/demo/demo-traffic.ts";
import { requestOfTrace, spansOf, startOtlpReceiver, treeOf } from "./otlp-receiver.ts";
import { type RecordedConversation, recordDemo } from "./recorded-demo.ts";

let conversations: readonly RecordedConversation[];
beforeAll(async () => {
  conversations = await recordDemo();
});
const of = (name: string) => {
  const conversation = conversations.find((candidate) => candidate.name === name);
  if (!conversation) throw new Error(`no conversation ${name}`);
  return { ...conversation, spans: spansOf(conversation.request) };
};
const names = episodes.map((episode, i) => `${String(i).padStart(2, "0")}-${episode}`);

test("a conversation is one trace in which calls, tools and retrieval stand below the agent", () => {
  expect(conversations.map(({ name }) => name)).toEqual(names);
  expect(new Set(conversations.map(({ traceId }) => traceId)).size).toBe(names.length);
  expect(treeOf(of("00-answered").spans)).toEqual([
    "invoke_agent support-agent",
    "  chat gpt-4.1-mini",
    "  execute_tool lookup_order",
    "  execute_tool search_articles",
    "    retrieval help-articles",
    "      embeddings text-embedding-3-small",
    "  chat gpt-4.1-mini",
    "  invoke_agent reviewer",
    "    Anthropic Messages",
    "      anthropic.messages.create",
  ]);
  expect(treeOf(of("02-customer_leaves").spans)).toEqual([...treeOf(of("00-answered").spans), "  chat gpt-4.1-mini"]);
  expect(of("00-answered").spans.find(({ name }) => name === "invoke_agent support-agent")?.plain).toMatchObject({
    "gen_ai.conversation.id": expect.stringMatching(/^conversation-/),
    "user.id": expect.stringMatching(/^user-/),
  });
});

test.each(names)("%s: models and usage are those of the provider", (name) => {
  const { spans, truth } = of(name);
  const answered = truth.filter(({ responseId, outcome }) => responseId !== "" && outcome !== "aborted");
  expect(answered.length).toBeGreaterThan(0);
  for (const { api, stream, responseId, responseModel, requestModel, usage } of answered) {
    const [span, ...others] = spans.filter(({ plain }) => plain["gen_ai.response.id"] === responseId);
    expect(others).toEqual([]);
    expect(span?.plain).toMatchObject({
      "gen_ai.request.model": requestModel,
      "gen_ai.response.model": responseModel,
      // OpenLLMetry reads no usage from a stream.
      ...(stream
        ? {}
        : { "gen_ai.usage.input_tokens": usage?.inputTokens, "gen_ai.usage.output_tokens": usage?.outputTokens }),
    });
    if (stream) expect(span?.plain).not.toHaveProperty(["gen_ai.usage.input_tokens"]);
    if (api !== "anthropic.messages") continue;
    expect(span?.plain).toMatchObject({
      "gen_ai.usage.cache_read.input_tokens": usage?.cacheReadTokens,
      "gen_ai.usage.cache_write.input_tokens": usage?.cacheWriteTokens,
    });
    const wrapper = spans.find(({ spanId }) => spanId === span?.parentSpanId);
    expect(wrapper?.plain).toMatchObject({
      "llm.token_count.prompt": usage?.inputTokens,
      "llm.token_count.completion": usage?.outputTokens,
    });
  }
  const embedded = truth.filter(({ api }) => api === "openai.embeddings").map(({ usage }) => usage?.inputTokens);
  const embeddings = spans.filter(({ plain }) => plain["gen_ai.operation.name"] === "embeddings");
  expect(embeddings.map(({ plain }) => plain["gen_ai.usage.input_tokens"])).toEqual(embedded);
});

test("what goes wrong shows: a refusal, a failed tool, a retry, an abort, an overloaded provider", () => {
  const outcomes = (name: string) =>
    of(name).truth.map(({ outcome, status }) => (outcome === "error" ? status : outcome));
  expect(outcomes("01-rate_limited").slice(0, 2)).toEqual([429, "ok"]);
  expect(outcomes("02-customer_leaves").at(-1)).toBe("aborted");
  expect(outcomes("04-refused").at(-1)).toBe("refused");
  expect(outcomes("08-reviewer_overloaded").slice(-3)).toEqual([529, 529, 529]);

  const spanOf = (name: string, span: string) => of(name).spans.findLast((candidate) => candidate.name === span);
  expect(spanOf("04-refused", "chat gpt-4.1-mini")?.plain["gen_ai.output.messages"]).toContain('"type":"refusal"');
  expect(spanOf("06-reviewer_refuses", "anthropic.messages.create")?.plain["anthropic.message.stop_reason"]).toBe(
    "refusal",
  );
  expect(spanOf("07-unknown_order", "execute_tool lookup_order")).toMatchObject({
    status: { code: 2 },
    plain: { "error.type": "OrderNotFoundError" },
  });
  expect(spanOf("08-reviewer_overloaded", "anthropic.messages.create")).toMatchObject({
    status: { code: 2 },
    plain: { "error.type": "overloaded_error", "http.request.resend_count": 2 },
  });
});

/** Record them again by `record-fixtures.ts` when this fails after a change that is meant. */
test.each(names)("%s: the recorded fixture is what the demonstration emits", (name) => {
  const fixture = spansOf(fixtureOf(name));
  const live = of(name).spans;
  expect(treeOf(fixture)).toEqual(treeOf(live));
  const shape = (spans: typeof live) => spans.map((span) => [span.name, Object.keys(span.plain).sort()]).sort();
  expect(shape(fixture)).toEqual(shape(live));
});

const fixtureOf = (name: string): ExportTraceServiceRequest => {
  const json = decodeJson(readFileSync(new URL(`./fixtures/${name}/otlp.json`, import.meta.url)));
  if (json.kind === "failed") throw new Error(json.message);
  const outcome = decodeTraces(json.protobuf);
  if (outcome.kind === "failed") throw new Error(outcome.message);
  return toModel(outcome.traces);
};

test("endless traffic comes from a process of its own, until it is stopped", async () => {
  const receiver = await startOtlpReceiver("sk-live");
  try {
    const traffic = startDemoTraffic({ url: receiver.url, apiKey: "sk-live", pace: 10 });
    const first = await traffic.firstTrace;
    expect(treeOf(spansOf(requestOfTrace(receiver.requests(), first)))).toContain("invoke_agent support-agent");
    const seen = receiver.requests().length;
    await expect.poll(() => receiver.requests().length, { timeout: 10_000 }).toBeGreaterThan(seen);
    await traffic.stop();
    const roots = receiver
      .requests()
      .flatMap(spansOf)
      .filter(({ name }) => name === "invoke_agent support-agent");
    expect(roots.length).toBeGreaterThan(1);
  } finally {
    await receiver.stop();
  }
});

test("traffic that is not accepted says so", async () => {
  const receiver = await startOtlpReceiver("sk-live");
  try {
    const traffic = startDemoTraffic({ url: receiver.url, apiKey: "sk-wrong" });
    await expect(traffic.firstTrace).rejects.toThrow("ended with code 1");
    await traffic.stop();
  } finally {
    await receiver.stop();
  }
});
