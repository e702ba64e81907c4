import { SpanMark, type SpanTable } from "@spanhouse/schemas/api/spans";
import { formatDollars } from "@spanhouse/schemas/money";
import { rfc3339 } from "./time-range.ts";
import type { LayoutPage } from "./trace-view.ts";

/** Rows of the tree by columns, each text once. */
export function spanTableOf({ layout, start, fields }: LayoutPage): Omit<SpanTable, "next_cursor"> {
  const strings: string[] = [];
  const indexes = new Map<string, number>();
  const wordOf = (text: string): number => {
    const known = indexes.get(text);
    if (known !== undefined) return known;
    indexes.set(text, strings.length);
    return strings.push(text) - 1;
  };
  type Fields = (typeof fields)[number];
  const numbers = (of: (span: Fields) => number) => fields.map(of);
  const words = (of: (span: Fields) => string) => fields.map((span) => wordOf(of(span)));
  const rows = fields.map((_, i) => start + i);
  const placed = rows.map((row) => layout.spans[row]!);
  return {
    trace_id: layout.trace.trace_id,
    synthetic_root: layout.syntheticRoot,
    tree_size: layout.spans.length,
    start_time: rfc3339(layout.start),
    duration_us: layout.durationUs,
    offset: start,
    rows: fields.length,
    columns: {
      span_id: placed.map(({ spanId }) => spanId),
      parent: placed.map(({ parent }) => parent),
      depth: placed.map(({ depth }) => depth),
      children: placed.map(({ children }) => children),
      descendants: placed.map(({ descendants }) => descendants),
      start_ns: rows.map((row) => layout.startNs[row]!),
      duration_us: numbers((span) => span.duration_us),
      time_to_first_chunk_us: numbers((span) => span.time_to_first_chunk_us ?? 0),
      self_us: rows.map((row) => layout.selfUs[row]!),
      critical_us: rows.map((row) => layout.criticalUs[row]!),
      starts_before_parent_us: placed.map((span) => span.startsBeforeParentUs),
      input_tokens: numbers((span) => span.input_tokens),
      cache_read_tokens: numbers((span) => span.cache_read_tokens),
      cache_write_tokens: numbers((span) => span.cache_write_tokens),
      output_tokens: numbers((span) => span.output_tokens),
      reasoning_tokens: numbers((span) => span.reasoning_tokens),
      attempt: numbers((span) => span.attempt),
      marks: fields.map(
        (span, i) =>
          (span.open ? SpanMark.open : 0) |
          (span.aggregate ? SpanMark.aggregate : 0) |
          (span.void ? SpanMark.void : 0) |
          (placed[i]!.orphan ? SpanMark.orphan : 0) |
          (placed[i]!.cycle ? SpanMark.cycle : 0),
      ),
      cost: words((span) => span.cost),
      estimated_cost: words((span) => span.estimated_cost),
      subtree_cost: rows.map((row) => wordOf(formatDollars(layout.subtreeCost[row]!))),
      name: words((span) => span.name),
      role: words((span) => span.role),
      operation: words((span) => span.operation),
      service: words((span) => span.service),
      provider: words((span) => span.provider),
      request_model: words((span) => span.request_model),
      response_model: words((span) => span.response_model),
      tool_name: words((span) => span.tool_name),
      agent_name: words((span) => span.agent_name),
      usage_state: words((span) => span.usage_state),
      price_state: words((span) => span.price_state),
      outcome: words((span) => span.outcome ?? ""),
      refusal: words((span) => span.refusal),
      error_class: words((span) => span.error_class),
      message: words((span) => span.message),
    },
    flags: Object.fromEntries(fields.flatMap(({ flags }, row) => (flags.length > 0 ? [[row, flags]] : []))),
    strings,
  };
}
