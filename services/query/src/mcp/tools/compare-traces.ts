import type { Comparison } from "@spanhouse/schemas/api/compare";
import { traceIdSchema } from "@spanhouse/schemas/api/values";
import { z } from "zod";
import { clippedFacts, pageOf } from "../bounded.ts";
import { mcpTool } from "../mcp-tool.ts";
import { limitArgument, offsetArgument } from "../page-arguments.ts";
import { traceFacts } from "./search-traces.ts";

export const compareTraces = mcpTool({
  name: "compare_traces",
  title: "Compare two traces",
  description:
    "Two traces with their trees laid on each other: which spans only one has, and whose request or response differs, " +
    "byte for byte. Read the texts of both spans to see how.",
  input: {
    trace_id: traceIdSchema,
    other: traceIdSchema,
    only_differences: z.boolean().default(true).describe("leave out spans that both have and that say the same"),
    offset: offsetArgument,
    limit: limitArgument(60, 30),
  },
  async run({ trace_id, other, only_differences, offset, limit }, api, signal) {
    const compared = await api.json<Comparison>(`/v1/traces/${trace_id}/compare/${other}`, {}, signal);
    const { left, right, rows, truncated } = compared;
    const { items, total, next_offset } = pageOf(only_differences ? rows.filter(differs) : rows, offset, limit);
    const shown = items.map((row) => clippedFacts(row, 1_000));
    const sides = { left: traceFacts(left), right: traceFacts(right) };
    return { ...sides, rows: shown, total, next_offset, all_rows: rows.length, truncated };
  },
});

function differs({ left, right, request, response }: Comparison["rows"][number]): boolean {
  if (left === null || right === null || request === "different" || response === "different") return true;
  return left.outcome !== right.outcome || left.response_model !== right.response_model;
}
