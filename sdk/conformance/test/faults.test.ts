import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ProviderSimulator, startProviderSimulator } from "../src/provider-simulator.ts";
import { allOf, clientsOf, scripted } from "./clients.ts";

let simulator: ProviderSimulator;
beforeAll(async () => {
  simulator = await startProviderSimulator();
});
afterAll(() => simulator.stop());

const question = { role: "user" as const, content: "Where is my parcel?" };
/** The same call through every API, whole and streamed (a stream is read to its end). */
const calls = (maxRetries = 0) => {
  const { openai, anthropic } = clientsOf(simulator, maxRetries);
  const chat = { model: "gpt-4o", messages: [question] };
  const response = { model: "gpt-4.1", input: question.content };
  const message = { model: "claude-sonnet-4-6", max_tokens: 100, messages: [question] };
  type Options = { headers: Record<string, string>; timeout?: number; signal?: AbortSignal };
  return {
    "openai.chat": (options: Options) => openai.chat.completions.create(chat, options),
    "openai.chat streamed": async (options: Options) =>
      allOf(await openai.chat.completions.create({ ...chat, stream: true }, options)),
    "openai.responses": (options: Options) => openai.responses.create(response, options),
    "openai.responses streamed": async (options: Options) =>
      allOf(await openai.responses.create({ ...response, stream: true }, options)),
    "anthropic.messages": (options: Options) => anthropic.messages.create(message, options),
    "anthropic.messages streamed": async (options: Options) =>
      allOf(await anthropic.messages.create({ ...message, stream: true }, options)),
  };
};
const names = [
  "openai.chat",
  "openai.chat streamed",
  "openai.responses",
  "openai.responses streamed",
  "anthropic.messages",
  "anthropic.messages streamed",
] as const;
const clientOf = (name: string) => (name.startsWith("openai") ? OpenAI : Anthropic);
const lastRequest = () => simulator.requests().at(-1);
const since = (count: number) => simulator.requests().slice(count);

test.each(names)("%s: a client retries a 429 as Retry-After says, and then gets its answer", async (name) => {
  const before = simulator.requests().length;
  await calls(2)[name](scripted("[[429 retry-after=0 times=2]]"));
  expect(since(before).map(({ status, attempt, outcome }) => ({ status, attempt, outcome }))).toEqual([
    { status: 429, attempt: 0, outcome: "error" },
    { status: 429, attempt: 1, outcome: "error" },
    { status: 200, attempt: 2, outcome: "ok" },
  ]);
});

test.each(names)("%s: errors arrive as the client's own types", async (name) => {
  const { RateLimitError, InternalServerError, BadRequestError, AuthenticationError } = clientOf(name);
  const call = calls()[name];
  await expect(call(scripted("[[429 retry-after=7]]"))).rejects.toSatisfy(
    (error) => error instanceof RateLimitError && error.headers?.get("retry-after") === "7" && error.requestID !== null,
  );
  await expect(call(scripted("[[500]]"))).rejects.toBeInstanceOf(InternalServerError);
  await expect(call(scripted("[[400]]"))).rejects.toBeInstanceOf(BadRequestError);
  await expect(call(scripted("[[401]]"))).rejects.toBeInstanceOf(AuthenticationError);
  expect(lastRequest()).toMatchObject({ outcome: "error", usage: null, providerUsage: null });
});

test("the error bodies are each provider's", async () => {
  await expect(calls()["openai.chat"](scripted("[[429]]"))).rejects.toMatchObject({
    code: "rate_limit_exceeded",
    type: "requests",
  });
  await expect(calls()["openai.chat"](scripted("[[400 code=context_length_exceeded]]"))).rejects.toMatchObject({
    code: "context_length_exceeded",
    type: "invalid_request_error",
  });
  await expect(calls()["anthropic.messages"](scripted("[[529]]"))).rejects.toMatchObject({
    status: 529,
    type: "overloaded_error",
  });
});

test.each(names)("%s: a hang lasts until the client goes", async (name) => {
  const { APIConnectionTimeoutError } = clientOf(name);
  const count = simulator.requests().length;
  await expect(calls()[name]({ ...scripted("[[hang]]"), timeout: 100 })).rejects.toBeInstanceOf(
    APIConnectionTimeoutError,
  );
  await vi.waitFor(() => expect(since(count)).toMatchObject([{ status: 0, outcome: "aborted", responseBytes: 0 }]));
});

test.each(names)("%s: a connection cut before any answer is a connection error, retried", async (name) => {
  const { APIConnectionError } = clientOf(name);
  await expect(calls()[name](scripted("[[cut]]"))).rejects.toBeInstanceOf(APIConnectionError);
  const count = simulator.requests().length;
  await calls(1)[name](scripted("[[cut times=1]]"));
  expect(since(count)).toMatchObject([{ outcome: "cut" }, { outcome: "ok", attempt: 1 }]);
});

test.each(names.filter((name) => name.endsWith("streamed")))("%s: a stream cut in the middle breaks", async (name) => {
  const count = simulator.requests().length;
  await expect(calls()[name](scripted("[[cut after=3]]"))).rejects.toThrow();
  await vi.waitFor(() => expect(since(count)).toMatchObject([{ status: 200, outcome: "cut", usage: null }]));
  expect(lastRequest()?.response.split("\n\n")).toHaveLength(4);
});

test.each(names.filter((name) => !name.endsWith("streamed")))(
  "%s: an answer cut in the middle breaks",
  async (name) => {
    const count = simulator.requests().length;
    await expect(calls()[name](scripted("[[cut after=1]]"))).rejects.toThrow();
    await vi.waitFor(() => expect(since(count)).toMatchObject([{ status: 200, outcome: "cut" }]));
  },
);

test("a stream that its client leaves is recorded as aborted, with what was sent", async () => {
  const count = simulator.requests().length;
  const { openai } = clientsOf(simulator);
  const stream = await openai.chat.completions.create(
    { model: "gpt-4o", messages: [question], stream: true },
    scripted("[[pace 10]][[say one two three four five six seven eight nine ten eleven twelve]]"),
  );
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content?.startsWith("two")) break;
  await vi.waitFor(() => expect(since(count)).toMatchObject([{ outcome: "aborted", usage: null }]));
  expect(lastRequest()?.response).toContain("two");
  expect(lastRequest()?.response).not.toContain("twelve");
});
