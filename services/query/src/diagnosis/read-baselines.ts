import type { SpanDetail } from "@spanhouse/schemas/api/spans";
import { type MetricsQuestion, readMetrics, sliceKindFor } from "@spanhouse/store/readers/metrics";
import type { ProjectReader } from "@spanhouse/store/readers/project-reader";
import { type Baselines, baselineKey } from "./baselines.ts";

const week = 7 * 86_400;
/** Of combinations of provider, model and operation. */
const mostGroups = 100;

/** Of the models that answered in a trace, in the week before it began. */
export async function readBaselines(reader: ProjectReader, spans: readonly SpanDetail[]): Promise<Baselines> {
  const calls = spans.filter(({ role, response_model }) => role === "model" && response_model !== "");
  if (calls.length === 0) return new Map();
  const start = Math.min(...calls.map(({ start_time }) => Date.parse(start_time)));
  const to = Math.floor(start / 60_000) * 60;
  const question: MetricsQuestion = {
    measures: ["calls", "p99_duration_us"],
    groupBy: ["provider", "response_model", "operation"],
    filters: new Map([["response_model", [...new Set(calls.map(({ response_model }) => response_model))]]]),
    ...{ interval: "none", timeZone: "UTC", from: to - week, to, limit: mostGroups, other: false, previous: false },
  };
  const kind = sliceKindFor(question);
  if (kind === undefined) throw new Error("no slices have durations by model");
  const { groups } = await readMetrics(reader, kind, question);
  return new Map(
    groups.map(({ key, totals }) => [
      baselineKey({ provider: key.provider!, response_model: key.response_model!, operation: key.operation! }),
      { calls: Number(totals.calls), p99Us: Number(totals.p99_duration_us) },
    ]),
  );
}
