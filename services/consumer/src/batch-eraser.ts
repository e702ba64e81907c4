import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { erasedScore, erasedSpan, eraseRows } from "@spanhouse/store/erasure/erased-rows";
import { erasedAmong, rememberErasedTraces } from "@spanhouse/store/erasure/erased-traces";
import type { ErasureList } from "@spanhouse/store/erasure/erasures";
import { createErasureList } from "@spanhouse/store/erasure/erasures";
import type { EncodedSpan } from "@spanhouse/store/spans/encoded-spans";
import type { VersionedSpan } from "@spanhouse/store/spans/versioned-span";
import type { TraceKey } from "@spanhouse/store/traces/trace-key";
import { createTraceReader } from "@spanhouse/store/traces/trace-reader";
import type { Candidate } from "./candidate.ts";
import type { DerivedBatch } from "./derive-batch.ts";

/** A batch of which nothing is left that is to be erased, as far as was known. */
export interface ErasedBatch {
  readonly batch: DerivedBatch<EncodedSpan>;
  /**
   * Blanks what is stored of the same traces: a blanked row wins over one that is not, whatever either says, so that all
   * contents must be blanked before. To be acknowledged before rows of the batch are written, and after its buckets.
   */
  blankStored(): Promise<void>;
  /** Whether that is still all there is to be erased of it. To be asked when its rows are acknowledged. */
  isStillAll(): Promise<boolean>;
}

export interface BatchEraser {
  current(): Promise<ErasureList>;
  /** Blanks the rows of every trace that names an erased person, here or in the store. */
  erase(batch: DerivedBatch<EncodedSpan>, list: ErasureList, rows: Rows): Promise<ErasedBatch>;
}

/** Rows are encoded already when it is known whose they are. */
export interface Rows {
  derivedAgain(candidate: Candidate<EncodedSpan>): VersionedSpan;
  encode(row: VersionedSpan): EncodedSpan;
}

/**
 * What comes of persons who were erased. Both are asked for before a batch is written and again when it is acknowledged:
 * an eraser that came in between has either found these rows, or left its trace before this asked again.
 */
export function createBatchEraser(clickhouse: ClickHouse): BatchEraser {
  const current = createErasureList(clickhouse);
  const reader = createTraceReader(clickhouse);

  return {
    current,
    async erase(batch, list, rows) {
      await rememberErasedTraces(clickhouse, batch.named);
      const concerned = tracesOf(batch, list);
      const erased = new Set((await erasedAmong(clickhouse, concerned)).map(keyOf));
      const isErased = (trace: TraceKey) => erased.size > 0 && erased.has(keyOf(trace));
      const blank = (candidate: Candidate<EncodedSpan>): Candidate<EncodedSpan> =>
        isErased(candidate.span)
          ? { ...candidate, span: rows.encode(erasedSpan(rows.derivedAgain(candidate))) }
          : candidate;
      const traces = concerned.filter((trace) => erased.has(keyOf(trace)));
      return {
        blankStored: async () => void (await eraseRows(clickhouse, await reader.places(traces))),
        batch: {
          ...batch,
          ended: batch.ended.map(blank),
          open: batch.open.map((row) => (isErased(row.span) ? erasedSpan(row) : row)),
          scores: batch.scores.map((score) =>
            erased.has(keyOf(score)) || list.erased(score.project, score.userId) ? erasedScore(score) : score,
          ),
        },
        async isStillAll() {
          const now = await current();
          if (now.revision !== list.revision) return false;
          return (await erasedAmong(clickhouse, concerned)).every((trace) => erased.has(keyOf(trace)));
        },
      };
    },
  };
}

/** The traces of projects that have somebody erased. */
function tracesOf({ ended, open, scores }: DerivedBatch<EncodedSpan>, list: ErasureList): TraceKey[] {
  const traces = new Map<string, TraceKey>();
  const add = (trace: TraceKey) => {
    if (list.concerns(trace.project)) traces.set(keyOf(trace), trace);
  };
  for (const { span } of ended) add(span);
  for (const { span } of open) add(span);
  for (const score of scores) add(score);
  return [...traces.values()];
}

function keyOf({ traceId, project }: TraceKey): string {
  return `${traceId} ${project}`;
}
