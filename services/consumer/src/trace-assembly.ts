import { laneOf } from "@spanhouse/schemas/lane";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { erasedTraceRow, eraseRows } from "@spanhouse/store/erasure/erased-rows";
import { type FreezeLine, isFrozen } from "@spanhouse/store/projects";
import type { SliceKey } from "@spanhouse/store/slices/slices";
import type { TraceBucket } from "@spanhouse/store/spans/span-writer";
import { raiseMarks } from "@spanhouse/store/traces/mark-writer";
import type { TraceKey } from "@spanhouse/store/traces/trace-key";
import { beganFrozen, type StoredTrace, type TraceReader } from "@spanhouse/store/traces/trace-reader";
import type { TraceRow } from "@spanhouse/store/traces/trace-row";
import { writeSummaries } from "@spanhouse/store/traces/trace-writer";
import { isErased } from "@spanhouse/store/version";
import { markTrace } from "./assemble/marks.ts";
import { summarise } from "./assemble/summary.ts";
import type { LiveTraces } from "./live-traces.ts";

/** Rows of one trace that the store has acknowledged. */
export interface WrittenRows extends TraceKey {
  readonly rows: readonly TraceRow[];
}

export interface Assembled {
  /** Every slice that the traces touch. */
  readonly slices: readonly SliceKey[];
  /** How many rows were read back from the store. */
  readonly rowsRead: number;
}

/**
 * Makes marks and summaries of traces what all their stored rows say, and tells every slice that they touch: a slice
 * must be rolled though its own rows did not change, for the roll that would have seen the change may have died.
 * Knows the rows only after every write of the caller was acknowledged, so that of two that run at once the later has
 * seen both.
 */
export interface TraceAssembly {
  /** All rows are read from the store. */
  byReading(traces: readonly TraceKey[]): Promise<Assembled>;
  /**
   * After rows were written by `live.writer`: a trace that nobody else has written is taken from memory, any other is
   * read. Other writers are asked for here, when the caller's own rows are acknowledged: one that is not seen yet will
   * see these rows itself.
   */
  ofWritten(written: readonly WrittenRows[], live: LiveTraces): Promise<Assembled>;
}

export interface TraceAssemblyParts {
  readonly clickhouse: ClickHouse;
  readonly reader: TraceReader;
  readonly freezeLine: FreezeLine;
}

/** Most traces lie in one bucket: they share this. */
const noTombstones: ReadonlySet<number> = new Set();

export function createTraceAssembly({ clickhouse, reader, freezeLine }: TraceAssemblyParts): TraceAssembly {
  /** Resolves with the traces as they now stand in the store. */
  async function assemble(found: readonly StoredTrace[]): Promise<StoredTrace[]> {
    const frozenUntil = await freezeLine();
    const traces = await eraseWhole(found);
    const marked = traces.map((trace) => ({ trace, ...markTrace(trace.rows) }));
    await raiseMarks(
      clickhouse,
      marked.flatMap(({ trace: { project, traceId }, raised }) =>
        raised
          .map(({ bucket, spanId, version }) => ({ project, traceId, bucket, spanId, version }))
          .filter((row) => !isFrozen(frozenUntil, row)),
      ),
    );
    const summaries = marked.map(({ trace, rows }) => {
      const summary = summarise(trace.project, trace.traceId, rows);
      const tombstones = summary.buckets.filter(
        (bucket) => bucket !== summary.lastBucket && !trace.tombstones.has(bucket),
      );
      return { summary, tombstones };
    });
    // Of a trace that began below the line rows may be gone: it stays as it was summed up.
    await writeSummaries(
      clickhouse,
      summaries.filter((_, i) => !beganFrozen(traces[i]!, frozenUntil)),
    );
    return marked.map(({ trace: { project, traceId, tombstones, earliest }, rows }, i) => ({
      ...{ project, traceId, rows, earliest },
      tombstones: joinedTombstones(tombstones, summaries[i]!.tombstones),
    }));
  }

  /** One blanked row blanks its trace: a row that came before it was known whom it is of, or says no user itself. */
  async function eraseWhole(traces: readonly StoredTrace[]): Promise<StoredTrace[]> {
    const places = new Map<string, TraceBucket>();
    const whole = traces.map((trace) => {
      const readable = trace.rows.filter(({ version }) => !isErased(version));
      if (readable.length === 0 || readable.length === trace.rows.length) return trace;
      const { project, traceId } = trace;
      for (const { bucket } of readable) places.set(`${bucket} ${traceId} ${project}`, { project, traceId, bucket });
      return { ...trace, rows: trace.rows.map(erasedTraceRow) };
    });
    await eraseRows(clickhouse, [...places.values()]);
    return whole;
  }

  return {
    async byReading(keys) {
      const traces = await reader.read(keys);
      await assemble(traces);
      return { slices: slicesOf(traces), rowsRead: rowCount(traces) };
    },

    async ofWritten(written, live) {
      const foreign = new Set((await reader.writtenByOthers(written, live.writer)).map(keyOf));
      const fromMemory: StoredTrace[] = [];
      const toRead: TraceKey[] = [];
      for (const { project, traceId, rows } of written) {
        const known = live.find({ project, traceId });
        if (foreign.has(keyOf({ project, traceId })) || known.kind === "let-go") toRead.push({ project, traceId });
        else if (known.kind === "new")
          fromMemory.push({ project, traceId, rows, tombstones: noTombstones, earliest: unknown });
        else fromMemory.push({ ...known.trace, rows: joined(known.trace.rows, rows) });
      }
      const read = await reader.read(toRead);
      const stored = await assemble([...fromMemory, ...read]);
      for (const trace of stored) {
        // Whoever else has written of it may go on: it is read every time.
        if (foreign.has(keyOf(trace))) live.forget(trace);
        else live.keep(trace);
      }
      live.trim();
      return { slices: slicesOf(stored), rowsRead: rowCount(read) };
    },
  };
}

/** When a trace began that this process has written alone is what its rows say. */
const unknown = Number.POSITIVE_INFINITY;

function joinedTombstones(known: ReadonlySet<number>, more: readonly number[]): ReadonlySet<number> {
  return more.length === 0 ? known : new Set([...known, ...more]);
}

/** Of each (bucket, span id) the greatest version, as the store keeps it. */
export function joined(known: readonly TraceRow[], more: readonly TraceRow[]): TraceRow[] {
  const rows = new Map<string, TraceRow>();
  for (const row of [...known, ...more]) {
    const key = `${row.bucket} ${row.spanId}`;
    const other = rows.get(key);
    if (!other || row.version > other.version) rows.set(key, row);
  }
  return [...rows.values()];
}

function keyOf({ traceId, project }: TraceKey): string {
  return `${traceId} ${project}`;
}

function rowCount(traces: readonly StoredTrace[]): number {
  return traces.reduce((sum, { rows }) => sum + rows.length, 0);
}

function slicesOf(traces: readonly StoredTrace[]): SliceKey[] {
  const slices = new Map<string, SliceKey>();
  for (const { project, traceId, rows } of traces) {
    const lane = laneOf(traceId);
    let last = -1;
    for (const { bucket } of rows) {
      if (bucket !== last) slices.set(`${bucket} ${lane} ${project}`, { project, bucket, lane });
      last = bucket;
    }
  }
  return [...slices.values()];
}
