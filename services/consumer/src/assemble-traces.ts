import { laneOf } from "@spanhouse/schemas/lane";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import type { SliceKey } from "@spanhouse/store/slices/slices";
import { raiseMarks } from "@spanhouse/store/traces/mark-writer";
import type { StoredTrace, TraceKey, TraceReader } from "@spanhouse/store/traces/trace-reader";
import { writeSummaries } from "@spanhouse/store/traces/trace-writer";
import { markTrace } from "./assemble/marks.ts";
import { summarise } from "./assemble/summary.ts";

export type AssembleTraces = (traces: readonly TraceKey[]) => Promise<readonly SliceKey[]>;

/**
 * Makes marks and summaries of the traces what all their stored rows say, and tells every slice that they touch: a slice
 * must be rolled though its own rows did not change, for the roll that would have seen the change may have died.
 * Reads after every write of the caller was acknowledged, so that of two that run at once the later has seen both.
 */
export function createAssembleTraces(clickhouse: ClickHouse, reader: TraceReader): AssembleTraces {
  return async function assembleTraces(traces) {
    const marked = (await reader.read(traces)).map((trace) => ({ trace, ...markTrace(trace.rows) }));
    await raiseMarks(
      clickhouse,
      marked.flatMap(({ trace: { project, traceId }, raised }) =>
        raised.map(({ bucket, spanId, version }) => ({ project, traceId, bucket, spanId, version })),
      ),
    );
    const summaries = marked.map(({ trace, rows }) => {
      const summary = summarise(trace.project, trace.traceId, rows);
      const tombstones = summary.buckets.filter(
        (bucket) => bucket !== summary.lastBucket && !trace.tombstones.has(bucket),
      );
      return { summary, tombstones };
    });
    await writeSummaries(clickhouse, summaries);
    return slicesOf(marked.map(({ trace }) => trace));
  };
}

function slicesOf(traces: readonly StoredTrace[]): SliceKey[] {
  const slices = new Map<string, SliceKey>();
  for (const { project, traceId, rows } of traces) {
    const lane = laneOf(traceId);
    for (const { bucket } of rows) slices.set(`${bucket} ${lane} ${project}`, { project, bucket, lane });
  }
  return [...slices.values()];
}
