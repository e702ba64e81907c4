import type { SpanTable } from "../trace/span-table.ts";

/** The model call before this one among its siblings that came to something: an agent's turn before. */
export function callBefore(table: SpanTable, index: number): number | undefined {
  if (table.node(index).role !== "model") return undefined;
  for (let at = index - 1; at > table.parent[index]!; at--) {
    const { role, outcome } = table.node(at);
    if (table.parent[at] === table.parent[index] && role === "model" && outcome !== "error") return at;
  }
  return undefined;
}

/** How far a tool is looked for after the call that asked for it. */
const reach = 500;

/** The span of the n-th (from 0) call of a tool that a model's answer asked for: the n-th of that name after the answer. */
export function toolSpanOf(table: SpanTable, index: number, name: string, nth: number): number | undefined {
  let left = nth;
  for (let at = index + 1; at < Math.min(table.size, index + reach); at++) {
    const { role, tool_name: tool } = table.node(at);
    if (role === "tool" && tool === name && left-- === 0) return at;
  }
  return undefined;
}
