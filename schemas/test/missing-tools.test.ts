import { describe, expect, it } from "vitest";
import { missingTools, type ToolFacts } from "../src/missing-tools.ts";

let order = 0n;

function span(facts: Partial<ToolFacts> & Pick<ToolFacts, "spanId" | "role">): ToolFacts {
  order += 1n;
  return { startTime: order, fidelity: "exact", toolName: "", toolCallId: "", calls: [], results: [], ...facts };
}

const call = (spanId: string, calls: ToolFacts["calls"], results: readonly string[] = []) =>
  span({ spanId, role: "model", calls, results });
const tool = (spanId: string, toolName: string, toolCallId = "") =>
  span({ spanId, role: "tool", toolName, toolCallId });

const weather = { id: "call_1", name: "weather" };

describe("tool calls and their spans", () => {
  it("miss nothing where each has its span and its result", () => {
    const trace = [call("a", [weather]), tool("b", "weather", "call_1"), call("c", [], ["call_1"])];
    expect(missingTools(trace)).toEqual([]);
    expect(missingTools(trace.toReversed())).toEqual([]);
  });

  it("miss the span of a call, whether or not its result came back", () => {
    const missing = { kind: "tool_span", spanId: "a", toolName: "weather", toolCallId: "call_1" };
    expect(missingTools([call("a", [weather])])).toEqual([{ ...missing, returned: false }]);
    expect(missingTools([call("a", [weather]), call("b", [], ["call_1"])])).toEqual([{ ...missing, returned: true }]);
  });

  it("miss the result that no request brings back", () => {
    const trace = [call("a", [weather]), tool("b", "weather", "call_1"), call("c", [])];
    expect(missingTools(trace)).toEqual([
      { kind: "tool_result", spanId: "b", toolName: "weather", toolCallId: "call_1" },
    ]);
  });

  it("are matched by id whatever the clocks say, by name only after the call", () => {
    const early = tool("b", "weather", "call_1");
    const earlyUnnamed = tool("c", "clock");
    const asking = call("a", [weather, { id: "call_2", name: "clock" }]);
    const told = missingTools([early, earlyUnnamed, asking, call("d", [], ["call_1", "call_2"])]);
    expect(told).toEqual([{ kind: "tool_span", spanId: "a", toolName: "clock", toolCallId: "call_2", returned: true }]);
  });

  it("are counted: two calls by one name need two spans", () => {
    const twice = [
      { id: "", name: "weather" },
      { id: "", name: "weather" },
    ];
    const back = call("z", [], ["weather"]);
    expect(missingTools([call("a", twice), tool("b", "weather"), tool("c", "weather"), back])).toEqual([]);
    expect(missingTools([call("a", twice), tool("b", "weather"), back])).toHaveLength(1);
  });

  it("are not judged where a later request is not known, or has more results than are remembered", () => {
    const asked = [call("a", [weather]), tool("b", "weather", "call_1")];
    const full = Array.from({ length: 32 }, (_, i) => `other_${i}`);
    for (const later of [{ fidelity: "absent" }, { fidelity: "redacted" }, { results: full }] as const) {
      expect(missingTools([...asked, span({ spanId: "c", role: "model", ...later })])).toEqual([]);
    }
  });

  it("leave tools alone that no model called", () => {
    expect(missingTools([call("a", []), tool("b", "cron")])).toEqual([]);
  });
});
