import type { TraceSummary } from "@spanhouse/schemas/api/traces";
import { readAnnouncedSpans } from "@spanhouse/store/readers/announced-spans";
import type { ProjectReader } from "@spanhouse/store/readers/project-reader";
import type { TraceFilters } from "@spanhouse/store/readers/trace-filters";
import { listTraces } from "@spanhouse/store/readers/trace-list";
import type { TraceRow } from "@spanhouse/store/readers/traces";
import type { TimeRange } from "./time-range.ts";
import { summaryOf } from "./trace-state.ts";

/** Traces' rows with what is announced of them. */
export async function summariesOf(
  reader: ProjectReader,
  traces: readonly TraceRow[],
): Promise<readonly TraceSummary[]> {
  const announced = await readAnnouncedSpans(
    reader,
    traces.map(({ trace_id }) => trace_id),
  );
  return traces.map((trace) =>
    summaryOf(
      trace,
      announced.filter(({ trace_id }) => trace_id === trace.trace_id),
    ),
  );
}

const perPage = 500;

/** All traces of a range, newest first, a page at a time: each within limits of its own. */
export async function* everyTrace(
  nextReader: () => ProjectReader,
  filters: TraceFilters,
  range: TimeRange,
  /** Unix s: the present minute. */
  started: number,
): AsyncGenerator<readonly TraceSummary[]> {
  let position: Parameters<typeof listTraces>[1]["position"];
  for (;;) {
    const reader = nextReader();
    const listed = await listTraces(reader, { filters, ...range, position, limit: perPage });
    if (listed.length === 0) return;
    yield await summariesOf(
      reader,
      listed.map(({ trace }) => trace),
    );
    const last = listed.at(-1)!.place;
    position = { after: last, newest: position?.newest ?? listed[0]!.place.bucket, started };
  }
}
