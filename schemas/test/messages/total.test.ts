import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderingSchema } from "../../src/messages/message.ts";
import { renderMessages } from "../../src/messages/render-messages.ts";
import { eventStream, spanWith } from "./span-with.ts";

const name = fc.constantFrom(
  ...["type", "role", "content", "parts", "message", "messages", "choices", "delta", "text", "tool_calls", "function"],
  ...["candidates", "output", "response", "item", "generations", "kwargs", "lc", "id", "index", "contentBlockDelta"],
  ...["contents", "input", "inputs", "prompt", "documents", "results", "query", "constructor", "arguments", "tools"],
);
const word = fc.constantFrom(
  ...[
    "message",
    "text",
    "tool_use",
    "tool_call",
    "human",
    "constructor",
    "user",
    "tool",
    "response",
    "stop",
    "{",
    "[1]",
  ],
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 6 },
    fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null)),
    fc.dictionary(name, tie("json"), { maxKeys: 5 }),
    fc.array(tie("json"), { maxLength: 3 }),
  ),
}));
const text = fc.oneof(
  json.map((value) => JSON.stringify(value)),
  fc.array(json, { maxLength: 4 }).map(eventStream),
  fc.string(),
);

describe("renderMessages", () => {
  it("makes a rendering of any texts, whole and cut", () => {
    let read = 0;
    fc.assert(
      fc.property(
        text,
        text,
        fc.nat(),
        fc.constantFrom("generate", "embed", "rerank"),
        fc.dictionary(
          fc.constantFrom("llm.input_messages.0.message.role", "gen_ai.completion.0.content", "llm.tools.0"),
          json,
        ),
        (request, response, cut, family, attributes) => {
          const texts = {
            request: request.slice(0, cut % (request.length + 1)) || request,
            response,
            documents: request,
          };
          const rendering = renderMessages(spanWith(texts, attributes, { family }));
          expect(renderingSchema.safeParse(rendering).error).toBeUndefined();
          if (rendering.sources.output !== null) read++;
        },
      ),
      { numRuns: 500 },
    );
    expect(read).toBeGreaterThan(50);
  });
});
