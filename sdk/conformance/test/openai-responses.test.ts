import { afterAll, beforeAll, expect, test } from "vitest";
import { type ProviderSimulator, startProviderSimulator } from "../src/provider-simulator.ts";
import { allOf, clientsOf, orderTool, scripted } from "./clients.ts";

let simulator: ProviderSimulator;
beforeAll(async () => {
  simulator = await startProviderSimulator();
});
afterAll(() => simulator.stop());

const responses = () => clientsOf(simulator).openai.responses;
const ask = { model: "gpt-4.1", input: "Where is my parcel?" };
const tools = [{ type: "function" as const, ...orderTool, strict: false }];

test("an answer with inclusive usage and a reasoning item", async () => {
  const response = await responses().create(ask, scripted("[[say 12345678]][[cache read=1024]][[reason 7]]"));
  expect(response).toMatchObject({
    status: "completed",
    model: "gpt-4.1-2025-04-14",
    output_text: "12345678",
    usage: {
      output_tokens: 9,
      input_tokens_details: { cached_tokens: 1024 },
      output_tokens_details: { reasoning_tokens: 7 },
    },
  });
  expect(response.usage?.input_tokens).toBeGreaterThan(1024);
  expect(response.output.map(({ type }) => type)).toEqual(["reasoning", "message"]);
});

test("a stream is numbered typed events that add up to the whole", async () => {
  const events = await allOf(await responses().create({ ...ask, stream: true }, scripted("[[say On its way.]]")));
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, i) => i));
  expect(events.map(({ type }) => type)).toEqual([
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.delta",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
  ]);
  const final = await responses().stream(ask, scripted("[[say On its way.]]")).finalResponse();
  expect(final.output_text).toBe("On its way.");
  expect(final.usage?.output_tokens).toBe(3);
});

test("tool calls, whole and streamed, then their results", async () => {
  const script = scripted('[[tool lookup_order={"id": "A1"}]][[tool lookup_order={}]][[then]][[say Found.]]');
  const whole = await responses().create({ ...ask, tools }, script);
  expect(whole.output).toMatchObject([
    { type: "function_call", name: "lookup_order", arguments: '{"id": "A1"}' },
    { type: "function_call", name: "lookup_order", arguments: "{}" },
  ]);
  const streamed = await responses()
    .stream({ ...ask, tools }, script)
    .finalResponse();
  expect(streamed.output).toMatchObject([{ arguments: '{"id": "A1"}' }, { arguments: "{}" }]);

  const calls = whole.output.filter((item) => item.type === "function_call");
  const answered = await responses().create(
    {
      model: "gpt-4.1",
      tools,
      input: [
        { role: "user", content: ask.input },
        ...calls,
        ...calls.map(({ call_id }) => ({ type: "function_call_output" as const, call_id, output: "shipped" })),
      ],
    },
    script,
  );
  expect(answered.output_text).toBe("Found.");
});

test("a refusal is a part of its own, streamed by refusal events", async () => {
  const whole = await responses().create(ask, scripted("[[refuse No.]]"));
  expect(whole.output[0]).toMatchObject({ content: [{ type: "refusal", refusal: "No." }] });
  const events = await allOf(await responses().create({ ...ask, stream: true }, scripted("[[refuse No, never.]]")));
  const words = events.map((event) => (event.type === "response.refusal.delta" ? event.delta : "")).join("");
  expect(words).toBe("No, never.");
});

test.each([
  ["[[filter]]", "content_filter"],
  ["[[length]]", "max_output_tokens"],
])("%s leaves the response incomplete", async (script, reason) => {
  const whole = await responses().create(ask, scripted(script));
  expect(whole).toMatchObject({ status: "incomplete", incomplete_details: { reason } });
  const events = await allOf(await responses().create({ ...ask, stream: true }, scripted(script)));
  expect(events.at(-1)).toMatchObject({ type: "response.incomplete", response: { incomplete_details: { reason } } });
});
