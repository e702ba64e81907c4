import { describe, expect, it } from "vitest";
import type { Message } from "../../src/messages/message.ts";
import { renderMessages } from "../../src/messages/render-messages.ts";
import { eventStream, spanWith } from "./span-with.ts";

/** What every provider below answers: a thought, two pieces of text and a call of a tool. */
const answer = (finishReason: string): readonly Message[] => [
  {
    role: "assistant",
    parts: [
      { type: "reasoning", content: "The user wants weather." },
      { type: "text", content: "Let me look." },
      { type: "tool_call", id: "call_1", name: "weather", arguments: { city: "Oslo" } },
    ],
    finish_reason: finishReason,
  },
];

const cases: readonly {
  readonly format: string;
  readonly finishReason: string;
  readonly whole: unknown;
  readonly stream: string;
}[] = [
  {
    format: "openai_chat",
    finishReason: "tool_calls",
    whole: {
      id: "chatcmpl-1",
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            reasoning_content: "The user wants weather.",
            content: "Let me look.",
            tool_calls: [
              { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } },
            ],
          },
          finish_reason: "tool_calls",
        },
      ],
    },
    stream: eventStream([
      { choices: [{ index: 0, delta: { role: "assistant", reasoning_content: "The user " } }] },
      { choices: [{ index: 0, delta: { reasoning_content: "wants weather." } }] },
      { choices: [{ index: 0, delta: { content: "Let me " } }] },
      { choices: [{ index: 0, delta: { content: "look." } }] },
      {
        choices: [
          {
            index: 0,
            delta: { tool_calls: [{ index: 0, id: "call_1", function: { name: "weather", arguments: "" } }] },
          },
        ],
      },
      { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: '{"city"' } }] } }] },
      { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: ':"Oslo"}' } }] } }] },
      { choices: [{ index: 0, delta: {}, finish_reason: "tool_calls" }] },
      { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } },
    ]),
  },
  {
    format: "openai_responses",
    finishReason: "completed",
    whole: {
      object: "response",
      status: "completed",
      output: [
        { type: "reasoning", summary: [{ type: "summary_text", text: "The user wants weather." }] },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "Let me look." }] },
        { type: "function_call", call_id: "call_1", name: "weather", arguments: '{"city":"Oslo"}' },
      ],
    },
    stream: eventStream([
      { type: "response.created", response: { object: "response", status: "in_progress", output: [] } },
      {
        type: "response.completed",
        response: {
          object: "response",
          status: "completed",
          output: [
            { type: "reasoning", summary: [{ text: "The user wants weather." }] },
            { type: "message", content: [{ type: "output_text", text: "Let me look." }] },
            { type: "function_call", call_id: "call_1", name: "weather", arguments: '{"city":"Oslo"}' },
          ],
        },
      },
    ]),
  },
  {
    format: "anthropic_messages",
    finishReason: "tool_use",
    whole: {
      type: "message",
      role: "assistant",
      content: [
        { type: "thinking", thinking: "The user wants weather.", signature: "x" },
        { type: "text", text: "Let me look." },
        { type: "tool_use", id: "call_1", name: "weather", input: { city: "Oslo" } },
      ],
      stop_reason: "tool_use",
    },
    stream: eventStream([
      { type: "message_start", message: { role: "assistant", content: [] } },
      { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "The user " } },
      { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "wants weather." } },
      { type: "content_block_start", index: 1, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "Let me look." } },
      {
        type: "content_block_start",
        index: 2,
        content_block: { type: "tool_use", id: "call_1", name: "weather", input: {} },
      },
      { type: "content_block_delta", index: 2, delta: { type: "input_json_delta", partial_json: '{"city":' } },
      { type: "content_block_delta", index: 2, delta: { type: "input_json_delta", partial_json: '"Oslo"}' } },
      { type: "message_delta", delta: { stop_reason: "tool_use" } },
      { type: "message_stop" },
    ]),
  },
  {
    format: "gemini",
    finishReason: "STOP",
    whole: {
      candidates: [
        {
          content: {
            role: "model",
            parts: [
              { text: "The user wants weather.", thought: true },
              { text: "Let me look." },
              { functionCall: { id: "call_1", name: "weather", args: { city: "Oslo" } } },
            ],
          },
          finishReason: "STOP",
        },
      ],
    },
    // Without alt=sse the stream is an array; this one was cut before its bracket.
    stream: `[${[
      { candidates: [{ content: { role: "model", parts: [{ text: "The user ", thought: true }] } }] },
      {
        candidates: [
          { content: { role: "model", parts: [{ text: "wants weather.", thought: true }, { text: "Let me " }] } },
        ],
      },
      { candidates: [{ content: { role: "model", parts: [{ text: "look." }] } }] },
      {
        candidates: [
          {
            content: { parts: [{ functionCall: { id: "call_1", name: "weather", args: { city: "Oslo" } } }] },
            finishReason: "STOP",
          },
        ],
      },
    ]
      .map((chunk) => JSON.stringify(chunk))
      .join(",\n")}`,
  },
  {
    format: "bedrock",
    finishReason: "tool_use",
    whole: {
      output: {
        message: {
          role: "assistant",
          content: [
            { reasoningContent: { reasoningText: { text: "The user wants weather.", signature: "x" } } },
            { text: "Let me look." },
            { toolUse: { toolUseId: "call_1", name: "weather", input: { city: "Oslo" } } },
          ],
        },
      },
      stopReason: "tool_use",
    },
    stream: [
      { messageStart: { role: "assistant" } },
      { contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { text: "The user " } } } },
      { contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { text: "wants weather." } } } },
      { contentBlockDelta: { contentBlockIndex: 1, delta: { text: "Let me " } } },
      { contentBlockDelta: { contentBlockIndex: 1, delta: { text: "look." } } },
      { contentBlockStart: { contentBlockIndex: 2, start: { toolUse: { toolUseId: "call_1", name: "weather" } } } },
      { contentBlockDelta: { contentBlockIndex: 2, delta: { toolUse: { input: '{"city":' } } } },
      { contentBlockDelta: { contentBlockIndex: 2, delta: { toolUse: { input: '"Oslo"}' } } } },
      { messageStop: { stopReason: "tool_use" } },
    ]
      .map((event) => JSON.stringify(event))
      .join("\n"),
  },
  {
    format: "cohere",
    finishReason: "TOOL_CALL",
    whole: {
      id: "c-1",
      finish_reason: "TOOL_CALL",
      message: {
        role: "assistant",
        tool_plan: "The user wants weather.",
        content: [{ type: "text", text: "Let me look." }],
        tool_calls: [{ id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } }],
      },
    },
    stream: eventStream([
      { type: "message-start", id: "c-1", delta: { message: { role: "assistant" } } },
      { type: "tool-plan-delta", delta: { message: { tool_plan: "The user wants weather." } } },
      { type: "content-delta", index: 0, delta: { message: { content: { text: "Let me " } } } },
      { type: "content-delta", index: 0, delta: { message: { content: { text: "look." } } } },
      {
        type: "tool-call-start",
        index: 0,
        delta: { message: { tool_calls: { id: "call_1", function: { name: "weather", arguments: "" } } } },
      },
      {
        type: "tool-call-delta",
        index: 0,
        delta: { message: { tool_calls: { function: { arguments: '{"city":"Oslo"}' } } } },
      },
      { type: "message-end", delta: { finish_reason: "TOOL_CALL" } },
    ]),
  },
];

describe.each(cases)("an answer of $format", ({ format, finishReason, whole, stream }) => {
  it("reads the same whole and put together from its stream", () => {
    for (const response of [whole, stream]) {
      const rendering = renderMessages(spanWith({ response }));
      expect(rendering.output).toEqual(answer(finishReason));
      expect(rendering).toMatchObject({
        reasoning: "The user wants weather.",
        sources: { output: format },
        unread: [],
      });
    }
  });
});

describe("streams that are not as they should be", () => {
  it("keeps parallel tool calls apart, by id where no index is given", () => {
    const call = (id: string, name: string) => ({ id, function: { name, arguments: "{}" } });
    const stream = eventStream([
      { choices: [{ index: 0, delta: { tool_calls: [call("a", "first")] } }] },
      { choices: [{ index: 0, delta: { tool_calls: [call("b", "second")] } }] },
    ]);
    const { output } = renderMessages(spanWith({ response: stream }));
    expect(output[0]!.parts).toEqual([
      { type: "tool_call", id: "a", name: "first", arguments: {} },
      { type: "tool_call", id: "b", name: "second", arguments: {} },
    ]);
  });

  it("gives what came of a stream that was cut", () => {
    const events = [
      { type: "response.output_item.added", output_index: 0, item: { type: "message", content: [] } },
      { type: "response.output_text.delta", output_index: 0, delta: "It left " },
      { type: "response.output_text.delta", output_index: 0, delta: "this morn" },
      {
        type: "response.output_item.added",
        output_index: 1,
        item: { type: "function_call", call_id: "c", name: "track" },
      },
      { type: "response.function_call_arguments.delta", output_index: 1, delta: '{"order":' },
    ];
    const { output } = renderMessages(
      spanWith({ response: eventStream(events).replace("data: [DONE]\n\n", "data: {") }),
    );
    expect(output[0]!.parts).toEqual([
      { type: "text", content: "It left this morn" },
      { type: "tool_call", id: "c", name: "track", arguments: '{"order":' },
    ]);
  });

  it("gives each choice its own message, by index", () => {
    const stream = eventStream([
      { choices: [{ index: 1, delta: { content: "no" } }] },
      { choices: [{ index: 0, delta: { content: "yes" } }] },
      { choices: [{ index: 1, delta: { content: "pe" }, finish_reason: "stop" }] },
    ]);
    const { output } = renderMessages(spanWith({ response: stream }));
    expect(output.map(({ parts }) => parts)).toEqual([
      [{ type: "text", content: "yes" }],
      [{ type: "text", content: "nope" }],
    ]);
  });
});
