import type { InboundBatch, InboundRecord } from "@spanhouse/bus/bus";
import type { DeadLetter, DeadLetterPublisher } from "@spanhouse/bus/dead-letters";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import type { FreezeLine } from "@spanhouse/store/projects";
import { writeScores } from "@spanhouse/store/scores";
import type { SliceKey } from "@spanhouse/store/slices/slices";
import { writeDeliveries } from "@spanhouse/store/spans/deliveries";
import { writeOpenSpans } from "@spanhouse/store/spans/open-spans";
import type { SpanWriter, TraceBucket } from "@spanhouse/store/spans/span-writer";
import { traceRowOf } from "@spanhouse/store/traces/row-of-span";
import type { TraceRow } from "@spanhouse/store/traces/trace-row";
import type { BatchEraser } from "./batch-eraser.ts";
import { buryAll } from "./bury.ts";
import type { CurrentDerivation } from "./derivation.ts";
import type { Candidate, DerivedBatch } from "./derive-batch.ts";
import { deriveBatch, unstorable } from "./derive-batch.ts";
import type { LiveTraces } from "./live-traces.ts";
import type { SpanFailure } from "./span-letters.ts";
import { spanLetters } from "./span-letters.ts";
import type { TraceAssembly, WrittenRows } from "./trace-assembly.ts";

export interface FlushReport {
  readonly spans: number;
  readonly open: number;
  /** SDK instances that closed. */
  readonly closed: number;
  readonly letters: readonly DeadLetter[];
  /** What a roll must recompute. */
  readonly slices: readonly SliceKey[];
  /** Rows that had to be read back. */
  readonly rowsRead: number;
}

export type Flush = (batch: InboundBatch) => Promise<FlushReport>;

export interface FlushDependencies {
  /** Retries for ever what can heal. */
  readonly clickhouse: ClickHouse;
  readonly writer: SpanWriter;
  readonly assembly: TraceAssembly;
  readonly live: LiveTraces;
  readonly deadLetters: DeadLetterPublisher;
  readonly freezeLine: FreezeLine;
  readonly currentDerivation: CurrentDerivation;
  readonly eraser: BatchEraser;
  readonly topicProject: string;
  readonly signal: AbortSignal;
}

interface Written {
  /** In the store, acknowledged. */
  readonly written: readonly Candidate[];
  /** Of those that no row can hold. */
  readonly refused: readonly DeadLetter[];
}

/**
 * One batch from records to marked rows and summaries. When it resolves, everything is acknowledged by the store, and
 * what could not be stored by the dead letters; nothing is summed yet. Safe to repeat, whole or in part.
 */
export function createFlush(dependencies: FlushDependencies): Flush {
  const {
    clickhouse,
    writer,
    assembly,
    live,
    deadLetters,
    freezeLine,
    currentDerivation,
    eraser,
    topicProject,
    signal,
  } = dependencies;

  async function write(ended: readonly Candidate[]): Promise<Written> {
    await writer.writeBuckets(bucketsOf(ended), live.writer);
    const refused = await writer.writeSpans(ended.map(({ row }) => row));
    if (refused.length === 0) return { written: ended, refused: [] };
    const records = new Map(ended.map(({ row, record }) => [row, record]));
    const failures = new Map<InboundRecord, SpanFailure[]>();
    for (const { row, error } of refused) {
      const record = records.get(row)!;
      const own = failures.get(record);
      const failure = unstorable(row.span.project, row.decoded, error, "write");
      if (own) own.push(failure);
      else failures.set(record, [failure]);
    }
    const without = new Set(refused.map(({ row }) => row));
    return {
      written: ended.filter(({ row }) => !without.has(row)),
      refused: [...failures].flatMap(([record, own]) => spanLetters(record, own)),
    };
  }

  async function writeRest({ open, closed, scores }: DerivedBatch): Promise<void> {
    await writeOpenSpans(
      clickhouse,
      open.map(({ row }) => row),
    );
    await writeDeliveries(clickhouse, closed);
    await writeScores(clickhouse, scores);
  }

  /**
   * Derived and written by what is in force when everything is acknowledged: prices that changed meanwhile may have been
   * restamped, and persons erased, before these rows were there.
   */
  async function deriveAndWrite(records: readonly InboundRecord[]): Promise<DerivedBatch & Written> {
    const frozenUntil = await freezeLine();
    for (let derivation = await currentDerivation(), erasures = await eraser.current(); ; ) {
      const derived = deriveBatch(records, { derivation, topicProject, frozenUntil, erasures });
      const { batch, isStillAll } = await eraser.erase(derived, erasures);
      const outcome = await write(batch.ended);
      await writeRest(batch);
      const now = await currentDerivation();
      const same = now.price === derivation.price && now.code === derivation.code;
      if ((await isStillAll()) && same) return { ...batch, ...outcome };
      derivation = now;
      erasures = await eraser.current();
    }
  }

  return async function flush({ records }) {
    const { ended, written, open, closed, letters, refused } = await deriveAndWrite(records);
    const all = [...letters, ...refused];
    await buryAll(deadLetters, all, signal);
    const { slices, rowsRead } = await assembly.ofWritten(byTrace(written), live);
    return { spans: ended.length, open: open.length, closed: closed.length, letters: all, slices, rowsRead };
  };
}

/** Spans of a trace mostly follow each other: then its key need not be spelt. */
function byTrace(candidates: readonly Candidate[]): WrittenRows[] {
  const traces = new Map<string, WrittenRows & { rows: TraceRow[] }>();
  let last: (WrittenRows & { rows: TraceRow[] }) | undefined;
  for (const { row } of candidates) {
    const { traceId, project } = row.span;
    if (last?.traceId !== traceId || last.project !== project) {
      const key = `${traceId} ${project}`;
      last = traces.get(key);
      if (!last) {
        last = { project, traceId, rows: [] };
        traces.set(key, last);
      }
    }
    last.rows.push(traceRowOf(row));
  }
  return [...traces.values()];
}

function bucketsOf(ended: readonly Candidate[]): TraceBucket[] {
  const buckets = new Map<string, TraceBucket>();
  let last: TraceBucket | undefined;
  for (const { row } of ended) {
    const { bucket } = row;
    const { project, traceId } = row.span;
    if (last?.traceId === traceId && last.bucket === bucket && last.project === project) continue;
    last = { project, traceId, bucket };
    buckets.set(`${bucket} ${traceId} ${project}`, last);
  }
  return [...buckets.values()];
}
