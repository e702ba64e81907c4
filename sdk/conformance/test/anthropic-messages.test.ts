import { afterAll, beforeAll, expect, test } from "vitest";
import { type ProviderSimulator, startProviderSimulator } from "../src/provider-simulator.ts";
import { allOf, clientsOf, orderTool, scripted } from "./clients.ts";

let simulator: ProviderSimulator;
beforeAll(async () => {
  simulator = await startProviderSimulator();
});
afterAll(() => simulator.stop());

const messages = () => clientsOf(simulator).anthropic.messages;
const ask = {
  model: "claude-sonnet-4-6",
  max_tokens: 500,
  system: "You review answers.",
  messages: [{ role: "user" as const, content: "Is this answer kind?" }],
};
const { parameters, ...named } = orderTool;
const tools = [{ ...named, input_schema: parameters }];

const cached = scripted("[[say 12345678]][[cache read=2000 write=300 write_1h=50]][[reason 9]]");
const cachedUsage = {
  input_tokens: Math.ceil(JSON.stringify({ system: ask.system, messages: ask.messages }).length / 4),
  cache_read_input_tokens: 2000,
  cache_creation_input_tokens: 350,
  output_tokens: 11,
};

test("usage is exclusive: input tokens are those neither read from nor written to the cache", async () => {
  const message = await messages().create(ask, cached);
  expect(message).toMatchObject({
    type: "message",
    model: "claude-sonnet-4-6",
    stop_reason: "end_turn",
    content: [{ type: "text", text: "12345678" }],
    usage: {
      ...cachedUsage,
      cache_creation: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 50 },
      output_tokens_details: { thinking_tokens: 9 },
    },
  });
  expect(simulator.requests().at(-1)).toMatchObject({
    providerUsage: message.usage,
    usage: {
      inputTokens: cachedUsage.input_tokens + 2350,
      cacheWriteTokens: 350,
      cacheWrite1hTokens: 50,
      outputTokens: 11,
    },
  });
});

test("a stream starts with the cache and ends with the final output tokens", async () => {
  const events = await allOf(await messages().create({ ...ask, stream: true }, cached));
  expect(events.map(({ type }) => type)).toEqual([
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
  ]);
  expect(events[0]).toMatchObject({
    message: {
      stop_reason: null,
      content: [],
      usage: { ...cachedUsage, output_tokens: 1, cache_creation: { ephemeral_1h_input_tokens: 50 } },
    },
  });
  expect(events.at(-2)).toMatchObject({ delta: { stop_reason: "end_turn" }, usage: cachedUsage });
  const final = await messages().stream(ask, cached).finalMessage();
  expect(final.content).toMatchObject([{ type: "text", text: "12345678" }]);
});

test("tool use, whole and streamed as partial JSON, then its result", async () => {
  const script = scripted('[[tool lookup_order={"id": "A1"}]][[tool lookup_order={"id": "A2"}]][[then]][[say Found.]]');
  const whole = await messages().create({ ...ask, tools }, script);
  const blocks = [
    { type: "tool_use", name: "lookup_order", input: { id: "A1" } },
    { type: "tool_use", name: "lookup_order", input: { id: "A2" } },
  ];
  expect(whole).toMatchObject({ stop_reason: "tool_use", content: blocks });
  const streamed = await messages()
    .stream({ ...ask, tools }, script)
    .finalMessage();
  expect(streamed).toMatchObject({ stop_reason: "tool_use", content: blocks });

  const results = whole.content.map((block) => ({
    type: "tool_result" as const,
    tool_use_id: block.type === "tool_use" ? block.id : "",
    content: "shipped",
  }));
  const answered = await messages().create(
    {
      ...ask,
      tools,
      messages: [...ask.messages, { role: "assistant", content: whole.content }, { role: "user", content: results }],
    },
    script,
  );
  expect(answered.content).toMatchObject([{ text: "Found." }]);
});

test("a refusal is a stop reason with details, whole and streamed", async () => {
  const refused = { stop_reason: "refusal", stop_details: { type: "refusal", category: "cyber", explanation: "No." } };
  expect(await messages().create(ask, scripted("[[refuse No.]]"))).toMatchObject(refused);
  const events = await allOf(await messages().create({ ...ask, stream: true }, scripted("[[refuse No.]]")));
  expect(events.find(({ type }) => type === "message_delta")).toMatchObject({ delta: refused });
});

test("the token limit is a stop reason, the content filter a 400", async () => {
  const limited = await messages().create({ ...ask, max_tokens: 2 }, scripted("[[say Far more than two tokens.]]"));
  expect(limited).toMatchObject({ stop_reason: "max_tokens", usage: { output_tokens: 2 } });
  await expect(messages().create(ask, scripted("[[filter]]"))).rejects.toMatchObject({
    status: 400,
    type: "invalid_request_error",
    message: expect.stringContaining("content filtering policy"),
  });
  expect(simulator.requests().at(-1)).toMatchObject({ outcome: "filtered", usage: null });
});

test("replies carry Anthropic's headers", async () => {
  const { response, data, request_id } = await messages().create(ask).withResponse();
  expect(request_id).toMatch(/^req_\w{24}$/);
  expect(response.headers.get("anthropic-ratelimit-requests-remaining")).toBe("3999");
  expect(response.headers.get("anthropic-ratelimit-requests-reset")).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect(data.id).toMatch(/^msg_01\w{22}$/);
});
