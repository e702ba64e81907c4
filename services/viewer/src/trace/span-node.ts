import type { TreeNode } from "../api/client.ts";
import type { operations } from "../api/openapi.d.ts";

/** Of a span, what its line in the tree tells. */
export type SpanNode = Pick<
  TreeNode,
  | ("span_id" | "name" | "role" | "operation" | "service" | "provider" | "request_model" | "response_model")
  | (
      | "tool_name"
      | "agent_name"
      | "message"
      | "outcome"
      | "attempt"
      | "open"
      | "aggregate"
      | "void"
      | "orphan"
      | "cycle"
    )
  | ("flags" | "depth" | "descendants" | "duration_us" | "time_to_first_chunk_us" | "starts_before_parent_us")
  | ("usage_state" | "price_state" | "input_tokens" | "output_tokens" | "cost" | "estimated_cost")
>;

/** A page of the API's table by columns. */
export type SpanColumns = operations["getTraceSpans"]["responses"][200]["content"]["application/json"];

const mark = { open: 1, aggregate: 2, void: 4, orphan: 8, cycle: 16 } as const;

/** A row of the table; spans that say the same share its text. */
export function nodeOf({ columns, strings, flags }: SpanColumns, row: number): SpanNode {
  const word = (of: readonly number[]) => strings[of[row]!]!;
  const marks = columns.marks[row]!;
  return {
    span_id: columns.span_id[row]!,
    name: word(columns.name),
    role: word(columns.role) as SpanNode["role"],
    operation: word(columns.operation),
    service: word(columns.service),
    provider: word(columns.provider),
    request_model: word(columns.request_model),
    response_model: word(columns.response_model),
    tool_name: word(columns.tool_name),
    agent_name: word(columns.agent_name),
    message: word(columns.message),
    outcome: (word(columns.outcome) || null) as SpanNode["outcome"],
    attempt: columns.attempt[row]!,
    open: (marks & mark.open) !== 0,
    aggregate: (marks & mark.aggregate) !== 0,
    void: (marks & mark.void) !== 0,
    orphan: (marks & mark.orphan) !== 0,
    cycle: (marks & mark.cycle) !== 0,
    flags: flags[row] ?? noFlags,
    depth: columns.depth[row]!,
    descendants: columns.descendants[row]!,
    duration_us: columns.duration_us[row]!,
    time_to_first_chunk_us: columns.time_to_first_chunk_us[row]! || null,
    starts_before_parent_us: columns.starts_before_parent_us[row]!,
    usage_state: word(columns.usage_state) as SpanNode["usage_state"],
    price_state: word(columns.price_state) as SpanNode["price_state"],
    input_tokens: columns.input_tokens[row]!,
    output_tokens: columns.output_tokens[row]!,
    cost: word(columns.cost),
    estimated_cost: word(columns.estimated_cost),
  };
}

const noFlags: SpanNode["flags"] = [];
