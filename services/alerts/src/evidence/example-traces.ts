import type { AlertEvidence, AlertSignal } from "@spanhouse/schemas/api/alerts";
import type { Dimension } from "@spanhouse/schemas/api/metrics";
import type { ProjectReader } from "@spanhouse/store/readers/project-reader";
import type { TraceFilters } from "@spanhouse/store/readers/trace-filters";
import { listTraces } from "@spanhouse/store/readers/trace-list";
import { rankTraces, type TraceMeasure } from "@spanhouse/store/readers/trace-ranking";
import type { TraceRow } from "@spanhouse/store/readers/traces";

/** What traces that show a signal have: the first that is found enough of. Others are those of the greatest measure. */
const shows: Partial<Record<AlertSignal, readonly TraceFilters[]>> = {
  error_rate: [{ outcome: "error" }],
  truncation_rate: [{ outcome: "truncated" }],
  abort_rate: [{ outcome: "aborted" }],
  refusal_rate: [{ outcome: "refused" }, { outcome: "filtered" }],
  explicit_refusal_rate: [{ refusal: "explicit" }],
  filtered_refusal_rate: [{ refusal: "filtered" }],
  suspected_refusal_rate: [{ refusal: "suspected" }],
};

/** Dimensions whose values are filters of traces under the same name, or another. */
const facets: Partial<Record<Dimension, keyof TraceFilters>> = {
  ...{ environment: "environment", service: "service", release: "release", team: "team", feature: "feature" },
  ...{ prompt: "prompt", provider: "provider", request_model: "request_model", response_model: "response_model" },
  ...{ operation: "operation", tool_name: "tool", user_id: "user", error_class: "error_class" },
};

const shown = 3;

/** The three traces that ended in [from, to) (Unix s) and show it best; fewer where there are not so many. */
export async function readExampleTraces(
  reader: ProjectReader,
  signal: AlertSignal,
  group: ReadonlyMap<Dimension, readonly string[]>,
  from: number,
  to: number,
): Promise<AlertEvidence["traces"]> {
  const measure = shows[signal] === undefined ? measureFor(signal) : undefined;
  const own = [...group].flatMap(([dimension, [value = ""]]) => {
    const facet = facets[dimension];
    return facet === undefined || value === "" ? [] : [[facet, value] as const];
  });
  const range = { from: BigInt(from) * 1_000_000_000n, to: BigInt(to) * 1_000_000_000n };
  const found: TraceRow[] = [];
  for (const filters of shows[signal] ?? [{}]) {
    const limit = shown - found.length;
    if (limit === 0) break;
    const question = { filters: { ...Object.fromEntries(own), ...filters }, ...range, position: undefined, limit };
    const listed =
      measure === undefined ? await listTraces(reader, question) : await rankTraces(reader, { ...question, measure });
    found.push(...listed.map(({ trace }) => trace));
  }
  return found.map((trace) => ({ trace_id: trace.trace_id, name: trace.name ?? "", why: whyOf(trace, measure) }));
}

function measureFor(signal: AlertSignal): TraceMeasure | undefined {
  if (/cost|savings/.test(signal)) return "cost";
  if (/tokens$/.test(signal)) return "tokens";
  return /_us$|per_second$/.test(signal) ? "duration" : undefined;
}

function whyOf(
  { outcome, message, cost, duration_us, input_tokens, output_tokens }: TraceRow,
  measure: TraceMeasure | undefined,
): string {
  if (measure === "cost") return `cost $${cost}`;
  if (measure === "tokens") return `${input_tokens + output_tokens} tokens`;
  if (measure === "duration") return `took ${(duration_us / 1_000_000).toFixed(1)} s`;
  return message ? `${outcome}: ${message}` : (outcome ?? "");
}
