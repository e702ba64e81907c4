import { textOf } from "@spanhouse/schemas/slice";
import { SpanFlag } from "@spanhouse/schemas/span";
import { describe, expect, it } from "vitest";
import { normalise } from "../../src/derive/normalise.ts";
import { spanOf } from "./spans.ts";

const request = '{"model":"gpt-4o","messages":[]}';
const response = '{"choices":[{"message":{"content":"Hi"}}],"service_tier":"default"}';

function normalised(attributes: Readonly<Record<string, string | boolean>>) {
  return normalise(spanOf({ "gen_ai.operation.name": "chat", ...attributes }), "shop").span;
}

describe("the fidelity of a call's bodies", () => {
  it.each<[string, Record<string, string | boolean>, string]>([
    ["as they crossed the wire", { "spanhouse.request": request, "spanhouse.response": response }, "exact"],
    [
      "cut",
      { "spanhouse.request": request, "spanhouse.response": '{"choi', "spanhouse.response.truncated": true },
      "reconstructed",
    ],
    ["without their media", { "spanhouse.request": request, "spanhouse.media": "[]" }, "reconstructed"],
    ["redacted", { "spanhouse.request": request, "spanhouse.redacted": true }, "redacted"],
    ["hashed", { "spanhouse.request.sha256": "a".repeat(64), "spanhouse.response.sha256": "b".repeat(64) }, "redacted"],
    ["given by the program", { "spanhouse.input": '{"order":1042}' }, "reconstructed"],
    ["not there", {}, "absent"],
  ])("%s", (_, attributes, fidelity) => {
    const span = normalised(attributes);
    expect(span.fidelity).toBe(fidelity);
    expect(span.flags & SpanFlag.unreadableBody).toBe(0);
  });

  it("a body that ends in its middle and does not say so is a defect", () => {
    expect(normalised({ "spanhouse.response": '{"choi' }).flags & SpanFlag.unreadableBody).not.toBe(0);
  });
});

describe("what else our SDKs say", () => {
  it("keeps what a program gave to a span of its own", () => {
    const { content } = normalise(spanOf({ "spanhouse.input": '["a"]', "spanhouse.output": '{"b":1}' }), "shop").span;
    expect([textOf(content.request), textOf(content.response)]).toEqual(['["a"]', '{"b":1}']);
  });

  it("believes the SDK that a call was part of a batch", () => {
    expect(normalised({ "spanhouse.response": response }).serviceTier).toBe("default");
    expect(normalised({ "spanhouse.response": response, "spanhouse.service_tier": "batch" }).serviceTier).toBe("batch");
    expect(normalised({ "spanhouse.response": response, "openai.response.service_tier": "batch" }).serviceTier).toBe(
      "batch",
    );
    expect(normalised({ "spanhouse.service_tier": "batch" }).serviceTier).toBe("batch");
  });

  it("takes a refusal without words for one", () => {
    expect(normalised({ "spanhouse.refusal": "" }).signals).toMatchObject({ refusalExplicit: true, refusalText: "" });
  });
});

describe("results of tools that a request brings back", () => {
  it.each<[string, unknown, readonly string[]]>([
    ["OpenAI's", { messages: [{ role: "tool", tool_call_id: "call_1", content: 'a "quoted" {brace}' }] }, ["call_1"]],
    ["OpenAI's responses", { input: [{ type: "function_call_output", call_id: "call_1", output: "4" }] }, ["call_1"]],
    [
      "Anthropic's",
      { messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1" }] }] },
      ["toolu_1"],
    ],
    ["Bedrock's", { messages: [{ content: [{ toolResult: { toolUseId: "t_1", content: [] } }] }] }, ["t_1"]],
    ["Vercel's", [{ role: "tool", content: [{ type: "tool-result", toolCallId: "v_1", output: {} }] }], ["v_1"]],
    [
      "the conventions', the type first or last, not the calls",
      [
        { role: "assistant", parts: [{ type: "tool_call", id: "call_0", name: "weather" }] },
        { role: "tool", parts: [{ type: "tool_call_response", id: "call_1", response: { id: "no" } }] },
        { role: "tool", parts: [{ id: "call_2", type: "tool_call_response", response: "4" }] },
      ],
      ["call_1", "call_2"],
    ],
    [
      "Gemini's, by name where there is no id",
      { contents: [{ parts: [{ functionResponse: { name: "clock", response: { id: "no" } } }] }] },
      ["clock"],
    ],
    ["none", { messages: [{ role: "user", content: 'what is a "tool_call_id"?' }] }, []],
  ])("%s", (_, body, results) => {
    const { toolExchange } = normalised({ "spanhouse.request": JSON.stringify(body) });
    expect(toolExchange?.results ?? []).toEqual(results);
  });

  it("reads pretty-printed JSON, and keeps the last 32", () => {
    const messages = Array.from({ length: 40 }, (_, i) => ({ role: "tool", tool_call_id: `call_${i}` }));
    const { toolExchange } = normalised({ "spanhouse.request": JSON.stringify({ messages }, null, 2) });
    expect(toolExchange?.results).toEqual(Array.from({ length: 32 }, (_, i) => `call_${i + 8}`));
  });
});
