import type { TraceState } from "@spanhouse/schemas/api/trace-filters";
import type { TraceSummary } from "@spanhouse/schemas/api/traces";
import type { AnnouncedSpan } from "@spanhouse/store/readers/announced-spans";
import type { TraceRow } from "@spanhouse/store/readers/traces";

/** A trace's row with what only the time of reading tells. */
export function summaryOf(trace: TraceRow, announced: readonly AnnouncedSpan[]): TraceSummary {
  return { ...trace, state: stateOf(trace, announced.length), open_spans: announced.length };
}

function stateOf({ has_root, missing_parents }: TraceRow, openSpans: number): TraceState {
  if (openSpans > 0) return "open";
  return has_root && missing_parents === 0 ? "complete" : "partial";
}

const nothing = "0.000000000000";

/** Of a trace none of whose spans has ended: what its announcements tell. They come earliest first. */
export function announcedSummary(announced: readonly [AnnouncedSpan, ...AnnouncedSpan[]]): TraceSummary {
  const root = announced.find(({ parent_span_id }) => parent_span_id === "");
  const ids = new Set(announced.map(({ span_id }) => span_id));
  const missing = new Set(
    announced.map(({ parent_span_id }) => parent_span_id).filter((id) => id !== "" && !ids.has(id)),
  );
  const known = (texts: readonly string[]) => [...new Set(texts.filter((text) => text !== ""))];
  const { trace_id, name, start_time, user_id, conversation_id } = root ?? announced[0];
  return {
    ...{ trace_id, name, start_time, user_id, conversation_id },
    state: "open",
    root_span_id: root?.span_id ?? null,
    has_root: root !== undefined,
    missing_parents: missing.size,
    has_cycle: false,
    end_time: null,
    duration_us: 0,
    open_spans: announced.length,
    ...{ spans: 0, void_spans: 0, aggregates: 0, calls: 0, tool_calls: 0, errors: 0, refusals: 0, retries: 0 },
    ...{ priced_calls: 0, estimated_calls: 0, unpriced_calls: 0, unknown_usage_calls: 0 },
    ...{ input_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0, output_tokens: 0, reasoning_tokens: 0 },
    ...{ cost: nothing, estimated_cost: nothing, cache_savings: nothing, wasted_cost: nothing },
    ...{ outcome: null, outcomes: [], refusal: "none", error_classes: [], message: "" },
    ...{ tags: [], environments: [], releases: [], teams: [], features: [], prompts: [], providers: [] },
    services: known(announced.map(({ service }) => service)),
    request_models: known(announced.map(({ request_model }) => request_model)),
    response_models: [],
    operations: known(announced.map(({ operation }) => operation)),
    tool_names: [],
  };
}
