import { describe, expect, it } from "vitest";
import type { Message, MessageFormat } from "../../src/messages/message.ts";
import { renderMessages } from "../../src/messages/render-messages.ts";
import { spanWith } from "./span-with.ts";

const question = "How warm is it in Oslo?";

/** The conversation that every request below is: a question, a call of a tool, its result. */
const history: readonly Message[] = [
  { role: "user", parts: [{ type: "text", content: question }] },
  {
    role: "assistant",
    parts: [{ type: "tool_call", id: "call_1", name: "weather", arguments: { city: "Oslo" } }],
  },
  { role: "tool", parts: [{ type: "tool_call_response", id: "call_1", response: { celsius: 4 } }] },
];

const parameters = { type: "object", properties: { city: { type: "string" } } };
const tool = { name: "weather", description: "The weather of a city" };

const requests: readonly {
  readonly format: MessageFormat;
  readonly request?: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly input?: readonly Message[];
}[] = [
  {
    format: "openai_chat",
    request: {
      model: "gpt-4o",
      messages: [
        { role: "user", content: question },
        {
          role: "assistant",
          tool_calls: [{ id: "call_1", function: { name: "weather", arguments: '{"city":"Oslo"}' } }],
        },
        { role: "tool", tool_call_id: "call_1", content: '{"celsius":4}' },
      ],
      tools: [{ type: "function", function: { ...tool, parameters } }],
    },
  },
  {
    format: "openai_responses",
    request: {
      model: "gpt-5",
      instructions: "Be brief.",
      input: [
        { role: "user", content: [{ type: "input_text", text: question }] },
        { type: "function_call", call_id: "call_1", name: "weather", arguments: '{"city":"Oslo"}' },
        { type: "function_call_output", call_id: "call_1", output: '{"celsius":4}' },
      ],
      tools: [{ type: "function", ...tool, parameters }],
    },
  },
  {
    format: "anthropic_messages",
    request: {
      model: "claude-sonnet-4",
      system: "Be brief.",
      messages: [
        { role: "user", content: question },
        { role: "assistant", content: [{ type: "tool_use", id: "call_1", name: "weather", input: { city: "Oslo" } }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: '{"celsius":4}' }] },
      ],
      tools: [{ ...tool, input_schema: parameters }],
    },
    // Anthropic gives a result in the user's name.
    input: [history[0]!, history[1]!, { ...history[2]!, role: "user" }],
  },
  {
    format: "gemini",
    request: {
      systemInstruction: { parts: [{ text: "Be brief." }] },
      contents: [
        { role: "user", parts: [{ text: question }] },
        { role: "model", parts: [{ functionCall: { id: "call_1", name: "weather", args: { city: "Oslo" } } }] },
        { role: "user", parts: [{ functionResponse: { id: "call_1", response: { celsius: 4 } } }] },
      ],
      tools: [{ functionDeclarations: [{ ...tool, parameters }] }],
    },
  },
  {
    format: "bedrock",
    request: {
      system: [{ text: "Be brief." }],
      messages: [
        { role: "user", content: [{ text: question }] },
        {
          role: "assistant",
          content: [{ toolUse: { toolUseId: "call_1", name: "weather", input: { city: "Oslo" } } }],
        },
        { role: "user", content: [{ toolResult: { toolUseId: "call_1", content: [{ json: { celsius: 4 } }] } }] },
      ],
      toolConfig: { tools: [{ toolSpec: { ...tool, inputSchema: { json: parameters } } }] },
    },
  },
  {
    format: "semconv",
    request: [
      { role: "user", parts: [{ type: "text", content: question }] },
      { role: "assistant", parts: [{ type: "tool_call", id: "call_1", name: "weather", arguments: { city: "Oslo" } }] },
      { role: "tool", parts: [{ type: "tool_call_response", id: "call_1", response: { celsius: 4 } }] },
    ],
    attributes: {
      "gen_ai.system_instructions": '[{"type":"text","content":"Be brief."}]',
      "gen_ai.tool.definitions": JSON.stringify([{ type: "function", ...tool, parameters }]),
    },
  },
  {
    // OpenLLMetry: an attribute a field, and the tools too.
    format: "semconv",
    request: [
      { role: "user", content: JSON.stringify([{ type: "text", text: question }]) },
      { role: "assistant", tool_calls: [{ id: "call_1", name: "weather", arguments: '{"city":"Oslo"}' }] },
      { role: "tool", content: '{"celsius":4}', tool_call_id: "call_1" },
    ],
    attributes: {
      "llm.request.functions.0.name": tool.name,
      "llm.request.functions.0.description": tool.description,
      "llm.request.functions.0.parameters": JSON.stringify(parameters),
    },
  },
  {
    format: "openinference",
    attributes: {
      "llm.input_messages.0.message.role": "user",
      "llm.input_messages.0.message.contents.0.message_content.type": "text",
      "llm.input_messages.0.message.contents.0.message_content.text": question,
      "llm.input_messages.1.message.role": "assistant",
      "llm.input_messages.1.message.tool_calls.0.tool_call.id": "call_1",
      "llm.input_messages.1.message.tool_calls.0.tool_call.function.name": "weather",
      "llm.input_messages.1.message.tool_calls.0.tool_call.function.arguments": '{"city":"Oslo"}',
      "llm.input_messages.2.message.role": "tool",
      "llm.input_messages.2.message.tool_call_id": "call_1",
      "llm.input_messages.2.message.content": '{"celsius":4}',
      "llm.tools.0.tool.json_schema": JSON.stringify({ type: "function", function: { ...tool, parameters } }),
    },
  },
  {
    format: "vercel",
    request: [
      { role: "user", content: [{ type: "text", text: question }] },
      {
        role: "assistant",
        content: [{ type: "tool-call", toolCallId: "call_1", toolName: "weather", input: { city: "Oslo" } }],
      },
      {
        role: "tool",
        content: [{ type: "tool-result", toolCallId: "call_1", output: { type: "json", value: { celsius: 4 } } }],
      },
    ],
    attributes: { "ai.prompt.tools": [JSON.stringify({ type: "function", ...tool, inputSchema: parameters })] },
  },
  {
    format: "langchain",
    request: {
      messages: [
        [
          {
            lc: 1,
            type: "constructor",
            id: ["langchain", "schema", "messages", "HumanMessage"],
            kwargs: { content: question },
          },
          {
            lc: 1,
            type: "constructor",
            id: ["langchain", "schema", "messages", "AIMessage"],
            kwargs: { content: "", tool_calls: [{ id: "call_1", name: "weather", args: { city: "Oslo" } }] },
          },
          { type: "tool", content: '{"celsius":4}', tool_call_id: "call_1" },
        ],
      ],
    },
  },
];

describe("a history", () => {
  it.each(requests)("of $format", ({ format, request, attributes, input = history }) => {
    const rendering = renderMessages(spanWith({ request }, attributes));
    expect(rendering.input).toEqual(input);
    expect(rendering).toMatchObject({ sources: { input: format }, unread: [] });
    if (rendering.tools.length > 0) {
      expect(rendering.tools.map(({ parameters: schema, ...said }) => said)).toEqual([{ type: "function", ...tool }]);
    }
    expect(rendering.tools.length > 0 || format === "langchain").toBe(true);
    if (rendering.system.length > 0) expect(rendering.system).toEqual([{ type: "text", content: "Be brief." }]);
  });

  it("of JSON in a string, as some attributes hold it", () => {
    const request = JSON.stringify(JSON.stringify([{ role: "user", parts: [{ type: "text", content: question }] }]));
    expect(renderMessages(spanWith({ request })).input).toEqual([history[0]]);
  });

  it("of Cohere's first version", () => {
    const request = { message: question, preamble: "Be brief.", chat_history: [{ role: "CHATBOT", message: "Hello" }] };
    const { input, system } = renderMessages(spanWith({ request }));
    expect(input).toEqual([{ role: "assistant", parts: [{ type: "text", content: "Hello" }] }, history[0]]);
    expect(system).toEqual([{ type: "text", content: "Be brief." }]);
  });

  it("of plain text", () => {
    const { input, output, sources } = renderMessages(spanWith({ request: question, response: "Four degrees." }));
    expect(input).toEqual([history[0]]);
    expect(output).toEqual([{ role: "assistant", parts: [{ type: "text", content: "Four degrees." }] }]);
    expect(sources).toEqual({ input: "text", output: "text" });
  });
});

describe("an answer", () => {
  const text = (content: string, finishReason: string) => [
    { role: "assistant", parts: [{ type: "text", content }], finish_reason: finishReason },
  ];

  it.each<[string, MessageFormat, unknown, string]>([
    ["Titan's", "bedrock", { results: [{ outputText: "4 °C", completionReason: "FINISH" }] }, "FINISH"],
    [
      "Strands'",
      "bedrock",
      [{ role: "assistant", finish_reason: "end_turn", message: [{ text: "4 °C" }] }],
      "end_turn",
    ],
    ["Llama's", "bedrock", { generation: "4 °C", stop_reason: "stop", prompt_token_count: 3 }, "stop"],
    ["Cohere's first version", "cohere", { text: "4 °C", generation_id: "g", finish_reason: "COMPLETE" }, "COMPLETE"],
    ["an event's message as text", "semconv", [{ role: "assistant", finish_reason: "stop", message: "4 °C" }], "stop"],
    [
      "a text completion",
      "openai_completions",
      { choices: [{ index: 0, text: "4 °C", finish_reason: "stop" }] },
      "stop",
    ],
    [
      "an event's choice",
      "semconv",
      [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "4 °C" } }],
      "stop",
    ],
    [
      "LangChain's",
      "langchain",
      { generations: [[{ text: "4 °C", generation_info: { finish_reason: "stop" } }]] },
      "stop",
    ],
    [
      "a node of LangGraph",
      "langchain",
      {
        output: [
          {
            update: {
              messages: [{ type: "ai", content: "4 °C", response_metadata: { finish_reason: "stop" } }],
            },
          },
        ],
      },
      "stop",
    ],
  ])("of %s", (_, format, response, finishReason) => {
    const rendering = renderMessages(spanWith({ response }));
    expect(rendering.output).toEqual(text("4 °C", finishReason));
    expect(rendering.sources.output).toBe(format);
  });

  it("that the provider marked as a refusal", () => {
    const chat = {
      choices: [{ message: { role: "assistant", content: null, refusal: "I can't help." }, finish_reason: "stop" }],
    };
    const claude = { type: "message", content: [], stop_reason: "refusal", stop_details: { explanation: "Biology." } };
    expect(renderMessages(spanWith({ response: chat })).refusal).toBe("I can't help.");
    expect(renderMessages(spanWith({ response: claude })).refusal).toBe("Biology.");
    expect(renderMessages(spanWith({ response: "No." }, { "spanhouse.refusal": "" })).refusal).toBe("");
    expect(renderMessages(spanWith({ response: "No." })).refusal).toBeNull();
  });

  it("that Gemini blocked", () => {
    const response = { promptFeedback: { blockReason: "PROHIBITED_CONTENT" } };
    const { output } = renderMessages(spanWith({ response }));
    expect(output).toEqual([{ role: "assistant", parts: [], finish_reason: "PROHIBITED_CONTENT" }]);
  });
});

describe("media", () => {
  it("are shown, or named where the SDK took them out", () => {
    const sha = "a".repeat(64);
    const request = {
      model: "gpt-4o",
      messages: [
        {
          role: "user",
          content: [
            { type: "image_url", image_url: { url: "data:image/png;base64,iVBO" } },
            { type: "image_url", image_url: { url: "https://example.com/cat.png" } },
            { type: "input_audio", input_audio: { data: `spanhouse:media:${sha}`, format: "wav" } },
            { type: "hologram", depth: 3 },
          ],
        },
      ],
    };
    expect(renderMessages(spanWith({ request })).input[0]!.parts).toEqual([
      { type: "blob", modality: "image", mime_type: "image/png", content: "iVBO" },
      { type: "uri", modality: "image", uri: "https://example.com/cat.png" },
      { type: "uri", modality: "audio", mime_type: "audio/wav", uri: `spanhouse:media:${sha}` },
      { type: "other", value: { type: "hologram", depth: 3 } },
    ]);
  });
});

describe("what is no conversation", () => {
  it("retrieved documents, ours and OpenInference's", () => {
    const document = {
      id: "7",
      score: 0.82,
      content: "Oslo is in Norway.",
      source: "atlas.pdf",
      metadata: { page: 3 },
    };
    const { score, ...held } = document;
    for (const documents of [[document], [{ document: { ...held, score, metadata: '{"page":3}' } }]]) {
      const span = spanWith(
        { documents },
        { "gen_ai.retrieval.query.text": question },
        { role: "retrieval", family: "none" },
      );
      expect(renderMessages(span)).toMatchObject({ query: question, documents: [document] });
    }
    const langchain = [{ page_content: "Oslo", metadata: { source: "atlas.pdf" } }];
    expect(renderMessages(spanWith({ documents: langchain })).documents[0]).toEqual({
      id: null,
      score: null,
      content: "Oslo",
      source: "atlas.pdf",
      metadata: { source: "atlas.pdf" },
    });
  });

  it("a ranking, in the words of the request", () => {
    const request = {
      model: "rerank-v3.5",
      query: question,
      documents: ["Bergen is wet.", { text: "Oslo: 4 °C", id: "o" }],
    };
    const response = {
      results: [
        { index: 1, relevance_score: 0.9 },
        { index: 0, relevance_score: 0.1 },
      ],
    };
    const { query, documents, unread } = renderMessages(spanWith({ request, response }, {}, { family: "rerank" }));
    expect(query).toBe(question);
    expect(documents.map(({ content, score }) => [content, score])).toEqual([
      ["Oslo: 4 °C", 0.9],
      ["Bergen is wet.", 0.1],
    ]);
    expect(unread).toEqual([]);
  });

  it.each<[unknown, unknown]>([
    [
      { model: "m", input: ["a", "b"] },
      [
        { type: "text", content: "a" },
        { type: "text", content: "b" },
      ],
    ],
    [{ model: "m", input: [[1, 2]] }, [{ type: "other", value: { token_ids: [1, 2] } }]],
    [{ texts: ["a"], input_type: "search_query" }, [{ type: "text", content: "a" }]],
    [{ requests: [{ content: { parts: [{ text: "a" }] } }] }, [{ type: "text", content: "a" }]],
    [{ inputText: "a" }, [{ type: "text", content: "a" }]],
    [['"a"'], [{ type: "text", content: "a" }]],
  ])("what was embedded: %j", (request, inputs) => {
    const rendering = renderMessages(spanWith({ request, response: { data: [] } }, {}, { family: "embed" }));
    expect(rendering).toMatchObject({ inputs, unread: [], sources: { input: "embeddings" } });
  });

  it("a tool's call and result", () => {
    const tool = {
      role: "tool",
      tool_name: "weather",
      tool_call_id: "call_1",
      tool_arguments: '{"city":"Oslo"}',
      tool_result: "4",
    } as const;
    const { input, output } = renderMessages(spanWith({}, {}, tool));
    expect(input).toEqual([history[1]]);
    expect(output[0]!.parts).toEqual([{ type: "tool_call_response", id: "call_1", name: "weather", response: "4" }]);
  });
});

describe("what cannot be read", () => {
  it("is said, and shown as it is", () => {
    const span = spanWith({ request: { order: 1042 }, response: '{"choices":[{"mess' });
    expect(renderMessages(span)).toMatchObject({
      input: [{ role: "user", parts: [{ type: "other", value: { order: 1042 } }] }],
      output: [],
      sources: { input: null, output: null },
      unread: [
        { text: "request", reason: "unknown_format" },
        { text: "response", reason: "not_json" },
      ],
    });
    const cut = spanWith({ request: '{"messages":[{"role":"us' }, { "spanhouse.request.truncated": true });
    expect(renderMessages(cut).unread).toEqual([{ text: "request", reason: "truncated" }]);
  });
});
