import type { InboundBatch, InboundRecord } from "@spanhouse/bus/bus";
import type { DeadLetter, DeadLetterPublisher } from "@spanhouse/bus/dead-letters";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import type { ErasureList } from "@spanhouse/store/erasure/erasures";
import type { FreezeLine } from "@spanhouse/store/projects";
import { writeScores } from "@spanhouse/store/scores";
import type { SliceKey } from "@spanhouse/store/slices/slices";
import { writeDeliveries } from "@spanhouse/store/spans/deliveries";
import { type EncodedSpan, EncodedSpans } from "@spanhouse/store/spans/encoded-spans";
import { writeOpenSpans } from "@spanhouse/store/spans/open-spans";
import type { SpanWriter, TraceBucket } from "@spanhouse/store/spans/span-writer";
import type { TraceRow } from "@spanhouse/store/traces/trace-row";
import type { BatchEraser, ErasedBatch } from "./batch-eraser.ts";
import { buryAll } from "./bury.ts";
import type { Candidate } from "./candidate.ts";
import type { CurrentDerivation } from "./derivation.ts";
import type { Derivation, DerivedBatch } from "./derive-batch.ts";
import { deriveBatch, derivedAgain } from "./derive-batch.ts";
import { withKnownMarks } from "./known-marks.ts";
import type { LiveTraces } from "./live-traces.ts";
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

export interface StoreBatch {
  /** Nothing but spans of this Spanhouse about itself. */
  readonly ownTelemetryOnly: boolean;
  /** Writes what was derived. When it resolves, everything is acknowledged by the store. */
  (): Promise<FlushReport>;
}

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
  /** Ids of this Spanhouse, whose spans about itself are not taken; none as long as they are not known. */
  readonly installation: () => readonly string[];
  readonly signal: AbortSignal;
}

/** A batch, by what it was derived, and its rows. */
interface Derived {
  readonly batch: DerivedBatch<EncodedSpan>;
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
    installation,
    signal,
  } = dependencies;

  /** The memory of rows of batches that are stored. */
  const spare: EncodedSpans[] = [];

  async function write({ batch: { ended }, blankStored }: ErasedBatch, encoded: EncodedSpans): Promise<EncodedSpan[]> {
    await writer.writeBuckets(bucketsOf(ended), live.writer);
    await blankStored();
    return writer.writeSpans(
      encoded,
      ended.map(({ span }) => span),
      (spans) => withKnownMarks(spans, live),
    );
  }

  async function writeRest({ open, closed, scores }: DerivedBatch<EncodedSpan>): Promise<void> {
    await writeOpenSpans(clickhouse, open);
    await writeDeliveries(clickhouse, closed);
    await writeScores(clickhouse, scores);
  }

  async function derived(records: readonly InboundRecord[], encoded: EncodedSpans): Promise<Derived> {
    const [frozenUntil, derivation, erasures] = [await freezeLine(), await currentDerivation(), await eraser.current()];
    encoded.reset();
    const keep = encoded.add.bind(encoded);
    const own = installation();
    const batch = deriveBatch(records, { derivation, topicProject, frozenUntil, erasures, own, keep });
    return { batch, derivation, erasures };
  }

  /**
   * Written by what is in force when everything is acknowledged: prices that changed meanwhile may have been restamped,
   * and persons erased, before these rows were there, so that the batch is derived anew.
   */
  async function writeDerived(records: readonly InboundRecord[], first: Derived, encoded: EncodedSpans) {
    for (let last = first; ; last = await derived(records, encoded)) {
      const { derivation, erasures } = last;
      const erased = await eraser.erase(last.batch, erasures, {
        derivedAgain: (candidate) => derivedAgain(candidate, { derivation, topicProject }),
        encode: (row) => encoded.add(row),
      });
      const { batch, isStillAll } = erased;
      const written = await write(erased, encoded);
      await writeRest(batch);
      const now = await currentDerivation();
      const same = now.price === derivation.price && now.code === derivation.code;
      if ((await isStillAll()) && same) return { ...batch, written };
    }
  }

  return async function flush({ records }) {
    const encoded = spare.pop() ?? new EncodedSpans();
    const first = await derived(records, encoded);
    async function store() {
      const { ended, written, open, closed, letters } = await writeDerived(records, first, encoded);
      spare.push(encoded);
      await buryAll(deadLetters, letters, signal);
      const { slices, rowsRead } = await assembly.ofWritten(byTrace(written), live);
      return { spans: ended.length, open: open.length, closed: closed.length, letters, slices, rowsRead };
    }
    return Object.assign(store, { ownTelemetryOnly: first.batch.ownTelemetryOnly });
  };
}

/** Spans of a trace mostly follow each other: then its key need not be spelt. */
function byTrace(written: readonly EncodedSpan[]): WrittenRows[] {
  const traces = new Map<string, WrittenRows & { rows: TraceRow[] }>();
  let last: (WrittenRows & { rows: TraceRow[] }) | undefined;
  for (const { project, traceId, row } of written) {
    if (last?.traceId !== traceId || last.project !== project) {
      const key = `${traceId} ${project}`;
      last = traces.get(key);
      if (!last) {
        last = { project, traceId, rows: [] };
        traces.set(key, last);
      }
    }
    last.rows.push(row);
  }
  return [...traces.values()];
}

function bucketsOf(ended: readonly Candidate<EncodedSpan>[]): TraceBucket[] {
  const buckets = new Map<string, TraceBucket>();
  let last: TraceBucket | undefined;
  for (const { span } of ended) {
    const { project, traceId } = span;
    const { bucket } = span.row;
    if (last?.traceId === traceId && last.bucket === bucket && last.project === project) continue;
    last = { project, traceId, bucket };
    buckets.set(`${bucket} ${traceId} ${project}`, last);
  }
  return [...buckets.values()];
}
