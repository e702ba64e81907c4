import { sliceOf } from "@spanhouse/schemas/slice";
import { describe, expect, it } from "vitest";
import { readResponseBody } from "../../src/derive/bodies/read-bodies.ts";
import { classify } from "../../src/derive/classify.ts";
import { normalise } from "../../src/derive/normalise.ts";
import { usageOf } from "../../src/derive/usage.ts";
import { spanOf } from "./spans.ts";

function read(body: unknown) {
  return readResponseBody(sliceOf(typeof body === "string" ? body : JSON.stringify(body))).reading;
}

/** Usage as it is stored: input includes cache, output reasoning; units that are none are left out. */
function usageIn(body: unknown) {
  const counts = read(body).usage;
  if (counts === undefined) return undefined;
  const { usage, state } = usageOf(counts, true);
  const { units, ...tokens } = usage;
  const said = Object.fromEntries(Object.entries(tokens).filter(([, count]) => count > 0));
  return { ...said, ...units, ...(state === "exact" ? {} : { state }) };
}

/** How a call with this response ended. */
function outcomeOf(body: unknown) {
  const attributes = { "gen_ai.operation.name": "chat", "spanhouse.response": JSON.stringify(body) };
  const { outcome, refusal, errorClass } = classify(normalise(spanOf(attributes), "shop").span);
  return [outcome, refusal, errorClass];
}

const lines = (objects: readonly unknown[]) => objects.map((object) => JSON.stringify(object)).join("\n");
const events = (objects: readonly unknown[]) => objects.map((object) => `data: ${JSON.stringify(object)}\n\n`).join("");

describe("usage of a body", () => {
  it.each<[string, unknown, unknown]>([
    [
      "Gemini's: thoughts, cache, what tools brought, and modalities",
      {
        candidates: [{ content: { parts: [{ text: "4 °C" }] }, finishReason: "STOP" }],
        usageMetadata: {
          promptTokenCount: 1000,
          cachedContentTokenCount: 600,
          toolUsePromptTokenCount: 50,
          candidatesTokenCount: 30,
          thoughtsTokenCount: 200,
          totalTokenCount: 1280,
          promptTokensDetails: [
            { modality: "TEXT", tokenCount: 740 },
            { modality: "AUDIO", tokenCount: 260 },
          ],
          cacheTokensDetails: [{ modality: "AUDIO", tokenCount: 100 }],
          toolUsePromptTokensDetails: [{ modality: "IMAGE", tokenCount: 10 }],
        },
      },
      {
        inputTokens: 1050,
        cacheReadTokens: 600,
        outputTokens: 230,
        reasoningTokens: 200,
        input_audio_tokens: 260,
        input_image_tokens: 10,
        cache_audio_read_tokens: 100,
      },
    ],
    [
      "a blocked prompt of Gemini's, which has no candidates",
      { promptFeedback: { blockReason: "SAFETY" }, usageMetadata: { promptTokenCount: 8, totalTokenCount: 8 } },
      { inputTokens: 8 },
    ],
    [
      "a stream of Gemini's that was cut: the output so far is not the output",
      '[{"candidates":[{"content":{"parts":[{"text":"4"}]}}],"usageMetadata":{"promptTokenCount":8,"candidatesTokenCount":1}},\n{"cand',
      { inputTokens: 8, state: "unknown" },
    ],
    [
      "Gemini's searches: each query, until 2.5 each answer",
      {
        modelVersion: "gemini-2.5-flash",
        candidates: [{ finishReason: "STOP", groundingMetadata: { webSearchQueries: ["a", "b"] } }],
        usageMetadata: { promptTokenCount: 8, candidatesTokenCount: 2 },
      },
      { inputTokens: 8, outputTokens: 2, web_searches: 1 },
    ],
    [
      "Bedrock Converse's: input without the cache, writes by time to live",
      {
        output: { message: { role: "assistant", content: [{ text: "4" }] } },
        stopReason: "end_turn",
        usage: {
          inputTokens: 10,
          outputTokens: 5,
          cacheReadInputTokens: 100,
          cacheWriteInputTokens: 30,
          cacheDetails: [
            { ttl: "1h", inputTokens: 20 },
            { ttl: "5m", inputTokens: 10 },
          ],
        },
      },
      { inputTokens: 140, cacheReadTokens: 100, cacheWriteTokens: 30, outputTokens: 5, cache_write_1h_tokens: 20 },
    ],
    [
      "Bedrock Converse's stream",
      lines([
        { messageStart: { role: "assistant" } },
        { contentBlockDelta: { delta: { text: "4" }, contentBlockIndex: 0 } },
        { messageStop: { stopReason: "max_tokens" } },
        { metadata: { usage: { inputTokens: 10, outputTokens: 5 } } },
      ]),
      { inputTokens: 10, outputTokens: 5 },
    ],
    [
      "Titan's",
      { inputTextTokenCount: 7, results: [{ tokenCount: 9, outputText: "4", completionReason: "FINISH" }] },
      { inputTokens: 7, outputTokens: 9 },
    ],
    [
      "Llama's",
      { generation: "4", prompt_token_count: 7, generation_token_count: 2, stop_reason: "stop" },
      { inputTokens: 7, outputTokens: 2 },
    ],
    [
      "Llama's stream, by the invocation's metrics",
      lines([
        { generation: "4", prompt_token_count: null },
        {
          generation: "",
          stop_reason: "stop",
          "amazon-bedrock-invocationMetrics": { inputTokenCount: 7, outputTokenCount: 2 },
        },
      ]),
      { inputTokens: 7, outputTokens: 2 },
    ],
    [
      "Cohere's: what is billed",
      {
        id: "c",
        finish_reason: "COMPLETE",
        message: { role: "assistant", content: [{ type: "text", text: "4" }] },
        usage: { billed_units: { input_tokens: 5, output_tokens: 2 }, tokens: { input_tokens: 70, output_tokens: 4 } },
      },
      { inputTokens: 5, outputTokens: 2 },
    ],
    [
      "Cohere's stream of the first version",
      lines([
        { event_type: "text-generation", text: "4" },
        {
          event_type: "stream-end",
          finish_reason: "COMPLETE",
          response: { text: "4", meta: { billed_units: { input_tokens: 5, output_tokens: 2 } } },
        },
      ]),
      { inputTokens: 5, outputTokens: 2 },
    ],
    [
      "a rerank of Cohere's: searches alone",
      { results: [{ index: 0, relevance_score: 0.9 }], meta: { billed_units: { search_units: 2 } } },
      { rerank_searches: 2 },
    ],
    [
      "embeddings",
      { data: [{ embedding: [0.1] }], model: "m", usage: { prompt_tokens: 8, total_tokens: 8 } },
      { inputTokens: 8 },
    ],
    [
      "images by tokens",
      {
        data: [{ b64_json: "iVBO" }],
        usage: { input_tokens: 60, output_tokens: 1056, input_tokens_details: { text_tokens: 50, image_tokens: 10 } },
      },
      { inputTokens: 60, outputTokens: 1056, input_image_tokens: 10 },
    ],
    ["images by number", { created: 1, data: [{ url: "a" }, { url: "b" }] }, { output_images: 2, state: "unknown" }],
    ["a transcript by duration", { text: "Hello", usage: { type: "duration", seconds: 12 } }, { audio_seconds: 12 }],
    ["a verbose transcript", { text: "Hello", duration: 11.2, segments: [] }, { audio_seconds: 12 }],
    [
      "a transcript by tokens",
      {
        text: "Hi",
        usage: { type: "tokens", input_tokens: 9, output_tokens: 3, input_token_details: { audio_tokens: 9 } },
      },
      { inputTokens: 9, outputTokens: 3, input_audio_tokens: 9 },
    ],
    [
      "pages that were read",
      { pages: [], model: "ocr", usage_info: { pages_processed: 3 } },
      { input_document_pages: 3 },
    ],
    [
      "DeepSeek's cache, Groq's stream",
      events([
        { choices: [{ delta: { content: "4" } }] },
        { choices: [], x_groq: { usage: { prompt_tokens: 9, completion_tokens: 2, prompt_cache_hit_tokens: 4 } } },
      ]),
      { inputTokens: 9, cacheReadTokens: 4, outputTokens: 2 },
    ],
    [
      "Ollama's stream",
      lines([
        { model: "llama3", message: { content: "4" }, done: false },
        {
          model: "llama3",
          message: { content: "" },
          done: true,
          done_reason: "stop",
          prompt_eval_count: 6,
          eval_count: 2,
        },
      ]),
      { inputTokens: 6, outputTokens: 2 },
    ],
  ])("%s", (_, body, usage) => {
    expect(usageIn(body)).toEqual(usage);
  });
});

describe("how a call ended, by its body", () => {
  const candidate = (finishReason: string) => ({ candidates: [{ finishReason, content: { parts: [{ text: "x" }] } }] });
  const safe = { hate: { filtered: false, severity: "safe" } };

  it.each<[string, unknown, readonly string[]]>([
    ["Gemini: SAFETY", candidate("SAFETY"), ["filtered", "filtered", "none"]],
    ["Gemini: MAX_TOKENS", candidate("MAX_TOKENS"), ["truncated", "none", "none"]],
    ["Gemini: a call that cannot be read", candidate("MALFORMED_FUNCTION_CALL"), ["error", "none", "unknown"]],
    ["Gemini: a reason of tomorrow", candidate("TOMORROW"), ["ok", "none", "none"]],
    [
      "Gemini: a prompt blocked for a reason of tomorrow",
      { promptFeedback: { blockReason: "TOMORROW" } },
      ["filtered", "filtered", "none"],
    ],
    [
      "Bedrock: a guardrail",
      { output: { message: { content: [{ text: "Blocked" }] } }, stopReason: "guardrail_intervened" },
      ["filtered", "filtered", "none"],
    ],
    [
      "Titan: its filter",
      { inputTextTokenCount: 7, results: [{ completionReason: "CONTENT_FILTERED" }] },
      ["filtered", "filtered", "none"],
    ],
    [
      "Azure: the answer was filtered, whatever the finish reason",
      {
        choices: [
          {
            message: { content: "" },
            finish_reason: "stop",
            content_filter_results: { ...safe, violence: { filtered: true } },
          },
        ],
      },
      ["filtered", "filtered", "none"],
    ],
    [
      "Azure: nothing was filtered",
      {
        choices: [{ message: { content: "Hi" }, finish_reason: "stop", content_filter_results: safe }],
        prompt_filter_results: [{ prompt_index: 0, content_filter_results: safe }],
      },
      ["ok", "none", "none"],
    ],
    [
      "Cohere: its filter",
      { event_type: "stream-end", finish_reason: "ERROR_TOXIC" },
      ["filtered", "filtered", "none"],
    ],
    ["Cohere: given up", { event_type: "stream-end", finish_reason: "USER_CANCEL" }, ["aborted", "none", "none"]],
    [
      "Mistral: the context was full",
      { choices: [{ message: { content: "x" }, finish_reason: "model_length" }] },
      ["truncated", "none", "none"],
    ],
    [
      "Mistral: only words",
      {
        choices: [
          {
            message: { content: [{ type: "text", text: "I'm sorry, but I can't help with that." }] },
            finish_reason: "stop",
          },
        ],
      },
      ["ok", "suspected", "none"],
    ],
  ])("%s", (_, body, outcome) => {
    expect(outcomeOf(body)).toEqual(outcome);
  });

  it("reads the class of an error from the provider's code", () => {
    const failed = (attributes: Record<string, string | number>) =>
      classify(normalise(spanOf({ "gen_ai.operation.name": "chat", ...attributes }, 2), "shop").span);
    const filtered = {
      "error.type": "BadRequestError",
      "spanhouse.error.code": "content_filter",
      "http.response.status_code": 400,
    };
    expect(failed(filtered)).toMatchObject({ refusal: "filtered", errorClass: "content_policy" });
    const google = JSON.stringify([{ error: { code: 503, status: "UNAVAILABLE", message: "Overloaded" } }]);
    expect(failed({ "spanhouse.response": google })).toMatchObject({ errorClass: "server", message: "Overloaded" });
    const aws = JSON.stringify({ __type: "com.amazon#ThrottlingException", message: "Slow down" });
    expect(failed({ "spanhouse.response": aws })).toMatchObject({ errorClass: "rate_limit", message: "Slow down" });
  });
});

describe("what tools an answer calls", () => {
  const weather = [
    { id: "call_1", name: "weather" },
    { id: "call_2", name: "clock" },
  ];

  it.each<[string, unknown]>([
    [
      "OpenAI's stream",
      events([
        { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id: "call_1", function: { name: "weather" } }] } }] },
        { choices: [{ index: 0, delta: { tool_calls: [{ index: 1, id: "call_2", function: { name: "clock" } }] } }] },
        { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: "{}" } }] } }] },
      ]),
    ],
    [
      "OpenAI's responses, without what the provider ran itself",
      {
        object: "response",
        output: [
          { type: "web_search_call", id: "ws" },
          { type: "function_call", id: "fc_1", call_id: "call_1", name: "weather" },
          { type: "function_call", id: "fc_2", call_id: "call_2", name: "clock" },
        ],
      },
    ],
    [
      "Anthropic's",
      {
        type: "message",
        content: [
          { type: "server_tool_use", id: "s", name: "web_search" },
          { type: "tool_use", id: "call_1", name: "weather", input: {} },
          { type: "tool_use", id: "call_2", name: "clock", input: {} },
        ],
      },
    ],
    [
      "Gemini's",
      {
        candidates: [
          {
            content: {
              parts: [
                { functionCall: { id: "call_1", name: "weather" } },
                { functionCall: { id: "call_2", name: "clock" } },
              ],
            },
          },
        ],
      },
    ],
    [
      "Bedrock's",
      {
        output: {
          message: {
            content: [
              { toolUse: { toolUseId: "call_1", name: "weather" } },
              { toolUse: { toolUseId: "call_2", name: "clock" } },
            ],
          },
        },
      },
    ],
    [
      "Cohere's stream",
      events([
        { type: "message-start", id: "c" },
        {
          type: "tool-call-start",
          delta: { message: { tool_calls: { id: "call_1", function: { name: "weather" } } } },
        },
        { type: "tool-call-start", delta: { message: { tool_calls: { id: "call_2", function: { name: "clock" } } } } },
      ]),
    ],
  ])("%s", (_, body) => {
    expect(read(body).answer).toMatchObject({ hasToolCalls: true, toolCalls: weather });
  });
});
