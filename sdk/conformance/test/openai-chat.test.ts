import { afterAll, beforeAll, expect, test } from "vitest";
import { type ProviderSimulator, startProviderSimulator } from "../src/provider-simulator.ts";
import { allOf, clientsOf, orderTool, scripted } from "./clients.ts";

let simulator: ProviderSimulator;
beforeAll(async () => {
  simulator = await startProviderSimulator();
});
afterAll(() => simulator.stop());

const tools = [{ type: "function" as const, function: orderTool }];
const ask = (content: string) => ({ model: "gpt-4o", messages: [{ role: "user" as const, content }] });
const chat = () => clientsOf(simulator).openai.chat.completions;

test("an answer is the same for the same question, with ids of its own and the alias's dated model", async () => {
  const first = await chat().create(ask("Where is my parcel?"));
  const second = await chat().create(ask("Where is my parcel?"));
  const other = await chat().create(ask("May I send it back?"));
  expect(first.choices[0]?.message.content).toMatch(/^[A-Z].{20,}\.$/);
  expect(second.choices[0]?.message.content).toBe(first.choices[0]?.message.content);
  expect(other.choices[0]?.message.content).not.toBe(first.choices[0]?.message.content);
  expect(second.id).not.toBe(first.id);
  expect(first).toMatchObject({ object: "chat.completion", model: "gpt-4o-2024-08-06" });
  expect(first.choices[0]).toMatchObject({ finish_reason: "stop", message: { role: "assistant", refusal: null } });
});

test("usage is inclusive: cached tokens are part of the prompt, reasoning part of the completion", async () => {
  const plain = await chat().create(ask("How long?"), scripted("[[say 12345678]]"));
  const { usage } = await chat().create(
    ask("How long?"),
    scripted("[[say 12345678]][[cache read=1024 write=8]][[reason 7]]"),
  );
  expect(plain.usage).toMatchObject({ completion_tokens: 2, prompt_tokens_details: { cached_tokens: 0 } });
  expect(plain.usage?.prompt_tokens).toBe(
    Math.ceil(JSON.stringify({ messages: ask("How long?").messages }).length / 4),
  );
  expect(usage).toMatchObject({
    prompt_tokens: (plain.usage?.prompt_tokens ?? 0) + 1032,
    completion_tokens: 9,
    total_tokens: (plain.usage?.prompt_tokens ?? 0) + 1041,
    prompt_tokens_details: { cached_tokens: 1024, cache_write_tokens: 8 },
    completion_tokens_details: { reasoning_tokens: 7 },
  });
});

test("a stream brings the same words, and usage only when asked", async () => {
  const whole = await chat().create(ask("Where is my parcel?"));
  const bare = await allOf(await chat().create({ ...ask("Where is my parcel?"), stream: true }));
  const counted = await allOf(
    await chat().create({ ...ask("Where is my parcel?"), stream: true, stream_options: { include_usage: true } }),
  );
  const words = bare.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
  expect(words).toBe(whole.choices[0]?.message.content);
  expect(bare.at(-1)?.choices[0]?.finish_reason).toBe("stop");
  expect(bare.every((chunk) => !("usage" in chunk))).toBe(true);
  expect(counted.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
  expect(counted.at(-2)?.usage).toBeNull();
  expect(new Set(counted.map(({ id }) => id)).size).toBe(1);
});

const twoCalls = scripted('[[tool lookup_order={"id": "A1"}]] [[tool lookup_order={"id": "A2"}]]');

test("parallel tool calls, whole and streamed by index", async () => {
  const whole = await chat().create({ ...ask("Where are they?"), tools }, twoCalls);
  const message = whole.choices[0]?.message;
  expect(message?.content).toBeNull();
  expect(whole.choices[0]?.finish_reason).toBe("tool_calls");
  expect(message?.tool_calls).toMatchObject([
    { id: expect.stringMatching(/^call_\w{24}$/), function: { name: "lookup_order", arguments: '{"id": "A1"}' } },
    { id: expect.stringMatching(/^call_\w{24}$/), function: { name: "lookup_order", arguments: '{"id": "A2"}' } },
  ]);

  const streamed = await chat()
    .stream({ ...ask("Where are they?"), tools }, twoCalls)
    .finalChatCompletion();
  expect(streamed.choices[0]?.message.tool_calls?.map((call) => call.function.arguments)).toEqual([
    '{"id": "A1"}',
    '{"id": "A2"}',
  ]);
});

test("the next turn's script holds once the tool results are in", async () => {
  const script = scripted('[[tool lookup_order={"id":"A1"}]][[then]][[say It is on its way.]]');
  const runner = chat().runTools(
    {
      ...ask("Where is A1?"),
      tools: [{ type: "function", function: { ...orderTool, function: () => "shipped", parse: JSON.parse } }],
    },
    script,
  );
  expect(await runner.finalContent()).toBe("It is on its way.");
});

test("a refusal stands in its own field, whole and streamed", async () => {
  const whole = await chat().create(ask("Something bad [[refuse No.]]"));
  expect(whole.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: null, refusal: "No." } });
  const chunks = await allOf(await chat().create({ ...ask("Something bad [[refuse No, never.]]"), stream: true }));
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.refusal ?? "").join("")).toBe("No, never.");
  expect(simulator.requests().at(-1)?.outcome).toBe("refused");
});

test.each([
  ["[[filter]]", {}, "content_filter", "filtered"],
  ["[[length]]", {}, "length", "truncated"],
  ["[[say A text of far more than two tokens.]]", { max_completion_tokens: 2 }, "length", "truncated"],
])("%s ends with its own finish reason", async (script, limit, finishReason, outcome) => {
  const whole = await chat().create({ ...ask("Tell me"), ...limit }, scripted(script));
  expect(whole.choices[0]?.finish_reason).toBe(finishReason);
  const chunks = await allOf(await chat().create({ ...ask("Tell me"), ...limit, stream: true }, scripted(script)));
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe(finishReason);
  expect(simulator.requests().at(-1)).toMatchObject({ outcome, stream: true });
});

test("replies carry OpenAI's headers", async () => {
  const { response, data, request_id } = await chat().create(ask("Hello")).withResponse();
  expect(request_id).toMatch(/^req_\w{24}$/);
  expect(response.headers.get("openai-processing-ms")).toMatch(/^\d+$/);
  expect(Number(response.headers.get("x-ratelimit-remaining-tokens"))).toBeLessThan(200_000);
  expect(simulator.requests().at(-1)).toMatchObject({
    requestId: request_id,
    responseId: data.id,
    response: JSON.stringify(data),
  });
});
