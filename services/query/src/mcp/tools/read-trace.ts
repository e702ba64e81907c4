import type { TreeNode } from "@spanhouse/schemas/api/spans";
import type { TraceDetail } from "@spanhouse/schemas/api/traces";
import { traceIdSchema } from "@spanhouse/schemas/api/values";
import { clippedFacts, withoutNothing } from "../bounded.ts";
import { mcpTool } from "../mcp-tool.ts";
import { cursorArgument, limitArgument } from "../page-arguments.ts";
import { traceFacts } from "./search-traces.ts";

export const readTrace = mcpTool({
  name: "read_trace",
  title: "Read a trace",
  description:
    "A trace's summary and its spans as a tree, depth first, in pages: `depth` says under which span each stands. " +
    "self_us is a span's own time, critical_us what the trace's end waited for. Fields that are zero or empty are left out.",
  input: { trace_id: traceIdSchema, limit: limitArgument(60, 40), cursor: cursorArgument },
  async run({ trace_id, ...page }, api, signal) {
    const detail = await api.json<TraceDetail>(`/v1/traces/${trace_id}`, page, signal);
    const { trace, tree_size, synthetic_root, spans, next_cursor } = detail;
    return { trace: traceFacts(trace), tree_size, synthetic_root, spans: spans.map(nodeFacts), next_cursor };
  },
});

function nodeFacts(node: TreeNode): unknown {
  const { span_id, depth, name, role, outcome, service, parent_span_id: _parent, end_time: _end, ...rest } = node;
  const { children: _children, descendants: _descendants, cost, estimated_cost, subtree_cost: _below, ...more } = rest;
  return clippedFacts(
    {
      ...{ span_id, depth, name, role, outcome },
      ...withoutNothing({ ...more, service, cost: money(cost), estimated_cost: money(estimated_cost) }),
    },
    1_000,
  );
}

function money(amount: string): string | null {
  return Number(amount) === 0 ? null : amount;
}
