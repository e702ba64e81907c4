import type { InboundBatch, InboundRecord } from "@spanhouse/bus/bus";
import type { DeadLetter, DeadLetterPublisher } from "@spanhouse/bus/dead-letters";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import type { ErasureList } from "@spanhouse/store/erasure/erasures";
import type { FreezeLine } from "@spanhouse/store/projects";
import { writeScores } from "@spanhouse/store/scores";
import type { SliceKey } from "@spanhouse/store/slices/slices";
import { writeDeliveries } from "@spanhouse/store/spans/deliveries";
import { writeOpenSpans } from "@spanhouse/store/spans/open-spans";
import type { VersionedSpan } from "@spanhouse/store/spans/span-rows";
import type { RefusedSpan, SpanWriter, TraceBucket } from "@spanhouse/store/spans/span-writer";
import { traceRowOf } from "@spanhouse/store/traces/row-of-span";
import type { TraceRow } from "@spanhouse/store/traces/trace-row";
import type { BatchEraser, ErasedBatch } from "./batch-eraser.ts";
import { buryAll } from "./bury.ts";
import type { CurrentDerivation } from "./derivation.ts";
import type { Candidate, Derivation, DerivedBatch } from "./derive-batch.ts";
import { deriveBatch, unstorable } from "./derive-batch.ts";
import { withKnownMarks } from "./known-marks.ts";
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

/** Writes what was derived. When it resolves, everything is acknowledged by the store. */
export type StoreBatch = () => Promise<FlushReport>;

/**
 * One batch from records to marked rows and summaries, in two halves: derived, which takes the processor and writes
 * nothing, then stored. The next batch may be derived while this one is stored; only one is stored at a time.
 */
export type Flush = (batch: InboundBatch) => Promise<StoreBatch>;

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
  /** In the store, acknowledged; as they were written. */
  readonly written: readonly VersionedSpan[];
  /** Of those that no row can hold. */
  readonly refused: readonly DeadLetter[];
}

/** A batch, and by what it was derived. */
interface Derived {
  readonly batch: DerivedBatch;
  readonly derivation: Derivation;
  readonly erasures: ErasureList;
}

/**
 * What could not be stored is acknowledged by the dead letters when a batch is stored; nothing is summed yet. Safe to
 * repeat, whole or in part.
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

  async function write({ batch: { ended }, blankStored }: ErasedBatch): Promise<Written> {
    await writer.writeBuckets(bucketsOf(ended), live.writer);
    await blankStored();
    const { written, refused } = await writer.writeSpans(
      ended.map(({ row }) => row),
      (rows) => withKnownMarks(rows, live),
    );
    return { written, refused: refused.length === 0 ? [] : lettersOf(ended, refused) };
  }

  async function writeRest({ open, closed, scores }: DerivedBatch): Promise<void> {
    await writeOpenSpans(
      clickhouse,
      open.map(({ row }) => row),
    );
    await writeDeliveries(clickhouse, closed);
    await writeScores(clickhouse, scores);
  }

  async function derived(records: readonly InboundRecord[]): Promise<Derived> {
    const [frozenUntil, derivation, erasures] = [await freezeLine(), await currentDerivation(), await eraser.current()];
    const batch = deriveBatch(records, { derivation, topicProject, frozenUntil, erasures });
    return { batch, derivation, erasures };
  }

  /**
   * Written by what is in force when everything is acknowledged: prices that changed meanwhile may have been restamped,
   * and persons erased, before these rows were there, so that the batch is derived anew.
   */
  async function writeDerived(records: readonly InboundRecord[], first: Derived): Promise<DerivedBatch & Written> {
    for (let last = first; ; last = await derived(records)) {
      const erased = await eraser.erase(last.batch, last.erasures);
      const { batch, isStillAll } = erased;
      const outcome = await write(erased);
      await writeRest(batch);
      const now = await currentDerivation();
      const same = now.price === last.derivation.price && now.code === last.derivation.code;
      if ((await isStillAll()) && same) return { ...batch, ...outcome };
    }
  }

  return async function flush({ records }) {
    const first = await derived(records);
    return async function store() {
      const { ended, written, open, closed, letters, refused } = await writeDerived(records, first);
      const all = [...letters, ...refused];
      await buryAll(deadLetters, all, signal);
      const { slices, rowsRead } = await assembly.ofWritten(byTrace(written), live);
      return { spans: ended.length, open: open.length, closed: closed.length, letters: all, slices, rowsRead };
    };
  };
}

function lettersOf(ended: readonly Candidate[], refused: readonly RefusedSpan[]): DeadLetter[] {
  const records = new Map(ended.map(({ row, record }) => [row, record]));
  const failures = new Map<InboundRecord, SpanFailure[]>();
  for (const { row, error } of refused) {
    const record = records.get(row)!;
    const own = failures.get(record);
    const failure = unstorable(row.span.project, row.decoded, error, "write");
    if (own) own.push(failure);
    else failures.set(record, [failure]);
  }
  return [...failures].flatMap(([record, own]) => spanLetters(record, own));
}

/** Spans of a trace mostly follow each other: then its key need not be spelt. */
function byTrace(written: readonly VersionedSpan[]): WrittenRows[] {
  const traces = new Map<string, WrittenRows & { rows: TraceRow[] }>();
  let last: (WrittenRows & { rows: TraceRow[] }) | undefined;
  for (const row of written) {
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
