import type { TraceSummary } from "@spanhouse/schemas/api/traces";
import { tableLines } from "../table.ts";
import { clipped, dollars, duration, moment } from "./units.ts";

const header = ["ended", "trace", "name", "duration", "calls", "tokens", "cost", "outcome", "user"];

export function traceLines(traces: readonly TraceSummary[]): string[] {
  return traces.length === 0 ? ["no traces"] : tableLines(header, traces.map(cells));
}

function cells(trace: TraceSummary): (string | number)[] {
  const { end_time, trace_id, name, calls, input_tokens, output_tokens, user_id } = trace;
  const figures = [duration(trace.duration_us), calls, input_tokens + output_tokens, dollars(trace.cost)];
  return [moment(end_time), trace_id, clipped(name, 32), ...figures, outcomeText(trace), clipped(user_id, 24)];
}

/** One line of traces as they come, without a table's alignment. */
export function traceLine(trace: TraceSummary): string {
  const { end_time, trace_id, name, calls } = trace;
  const figures = [duration(trace.duration_us), `${calls} calls`, dollars(trace.cost), outcomeText(trace)];
  return [moment(end_time), trace_id, clipped(name, 32), ...figures].join("  ");
}

export function outcomeText({ outcome, refusal, state }: TraceSummary): string {
  const ended = outcome ?? "open";
  const certain = refusal === "none" || ended === "refused" ? "" : ` (refusal ${refusal})`;
  return `${ended}${certain}${state === "partial" ? ", partial" : ""}`;
}
