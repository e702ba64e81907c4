import { setTimeout as sleep } from "node:timers/promises";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createProjects, everyProject } from "@spanhouse/store/projects";
import { rollCode } from "@spanhouse/store/rank";
import type { CheckedRange, SliceDifference } from "@spanhouse/store/slices/slice-check";
import { checkSlices } from "@spanhouse/store/slices/slice-check";
import { checkSummaries } from "@spanhouse/store/traces/summary-check";
import type { TraceKey } from "@spanhouse/store/traces/trace-key";
import { beganFrozen, createTraceReader } from "@spanhouse/store/traces/trace-reader";
import type { Stretch } from "@spanhouse/store/traces/traces-in-range";
import { stretchesOf, tracesInRange, tracesNotFoundByKey } from "@spanhouse/store/traces/traces-in-range";
import { markTrace } from "../assemble/marks.ts";
import { summarise } from "../assemble/summary.ts";

/** What is stored and should not be so, given the rows of `spans`. */
export type Difference =
  | ({ readonly what: "slice" } & SliceDifference)
  /** Rows lack a mark (`marks`), the summary is another or missing (`summary`), the trace is listed at an old place
   * (`tombstone`), or spans are not found by their trace (`buckets`). */
  | ({ readonly what: "marks" | "summary" | "tombstone" | "buckets" } & TraceKey);

/** A piece of the range that was gone through. */
export interface VerifiedStretch {
  readonly stretch: Stretch;
  readonly traces: number;
  readonly differences: readonly Difference[];
}

export interface VerifyOptions {
  readonly clickhouse: ClickHouse;
  readonly range: CheckedRange;
  /**
   * Under traffic a stretch may be behind for the moment. One with differences is looked at again after `delayMs`, so often;
   * what is still there is told.
   */
  readonly again: { readonly times: number; readonly delayMs: number };
  readonly signal: AbortSignal;
}

const tracesAtOnce = 1000;

/** Every stored aggregate of the range, what is frozen left out, against the rows of `spans`, stretch by stretch. Reads only. */
export async function* verify({ clickhouse, range, again, signal }: VerifyOptions): AsyncGenerator<VerifiedStretch> {
  const frozen = await createProjects(clickhouse).frozenTimes();
  for (const stretch of await stretchesOf(clickhouse, { ...range, frozen })) {
    signal.throwIfAborted();
    let verified = await verifyStretch(clickhouse, stretch);
    for (let round = 0; round < again.times && verified.differences.length > 0; round++) {
      await sleep(again.delayMs, undefined, { signal });
      verified = await verifyStretch(clickhouse, stretch);
    }
    yield verified;
  }
}

async function verifyStretch(clickhouse: ClickHouse, stretch: Stretch): Promise<VerifiedStretch> {
  const differences: Difference[] = [];
  const traces = await tracesInRange(clickhouse, stretch);
  for (const key of await tracesNotFoundByKey(clickhouse, stretch)) differences.push({ what: "buckets", ...key });
  for (let i = 0; i < traces.length; i += tracesAtOnce) {
    differences.push(...(await verifyTraces(clickhouse, traces.slice(i, i + tracesAtOnce), stretch.frozen)));
  }
  for (const one of await checkSlices(clickhouse, stretch, Number(rollCode)))
    differences.push({ what: "slice", ...one });
  return { stretch, traces: traces.length, differences };
}

async function verifyTraces(
  clickhouse: ClickHouse,
  keys: readonly TraceKey[],
  frozen: CheckedRange["frozen"] = new Map(),
): Promise<Difference[]> {
  const frozenUntil = (project: string) => Math.max(frozen.get(project) ?? 0, frozen.get(everyProject) ?? 0);
  const read = await createTraceReader(clickhouse).read(keys);
  // A trace that began below the line is summed up no more.
  const stored = read.filter((trace) => !beganFrozen(trace, frozenUntil));
  const differences: Difference[] = [];
  const summaries = stored.map(({ project, traceId, rows, tombstones }) => {
    const marked = markTrace(rows);
    const summary = summarise(project, traceId, marked.rows);
    if (marked.raised.length > 0) differences.push({ what: "marks", project, traceId });
    if (summary.buckets.some((bucket) => bucket !== summary.lastBucket && !tombstones.has(bucket))) {
      differences.push({ what: "tombstone", project, traceId });
    }
    return summary;
  });
  for (const key of await checkSummaries(clickhouse, summaries)) differences.push({ what: "summary", ...key });
  return differences;
}
