import type { Bucket } from "@spanhouse/schemas/bucket";
import type { ClickHouse } from "../clickhouse.ts";
import { RowBinaryWriter } from "../row-binary.ts";
import type { VersionedSpan } from "./span-rows.ts";
import { payloadColumns, spanColumns, writePayloadRow, writeSpanRow } from "./span-rows.ts";

export interface TraceBucket {
  readonly project: string;
  readonly traceId: string;
  readonly bucket: Bucket;
}

export interface SpanWriter {
  /**
   * Adds to the set of buckets of each trace, and `writer` (a UInt64) to those who wrote there. Must be acknowledged
   * before the spans of those buckets are written.
   */
  writeBuckets(buckets: readonly TraceBucket[], writer: bigint): Promise<void>;
  /**
   * Inserts spans and their payloads. Idempotent: a row that is there with the same or a greater version stays.
   * Resolves once all rows that fit the columns are acknowledged.
   */
  writeSpans(spans: readonly VersionedSpan[], marked: KnownMarks): Promise<WrittenSpans>;
}

/** The same rows, in the same order, with marks that follow from them all being there. */
export type KnownMarks = (rows: readonly VersionedSpan[]) => readonly VersionedSpan[];

export interface WrittenSpans {
  /** As they were inserted. */
  readonly written: readonly VersionedSpan[];
  readonly refused: readonly RefusedSpan[];
}

/** A span that no row can hold. */
export interface RefusedSpan {
  readonly row: VersionedSpan;
  readonly error: Error;
}

const minutesPerDay = 1440;
const bucketColumns = ["project", "trace_id", "bucket", "writer"] as const;

/** The project is part of every insert's rows, never of its statement, so one writer serves all projects. */
export function createSpanWriter(clickhouse: ClickHouse): SpanWriter {
  const spanBody = new RowBinaryWriter();
  const payloadBody = new RowBinaryWriter();

  return {
    async writeBuckets(buckets, writer) {
      for (const group of byPartition(buckets, ({ bucket }) => new Date(bucket * 60_000).toISOString().slice(0, 7))) {
        const body = new RowBinaryWriter();
        for (const { project, traceId, bucket } of group) {
          body.string(project);
          body.fixedHex(traceId, 16);
          body.dateTime(bucket * 60);
          body.uint64(writer);
        }
        await clickhouse.insert("trace_buckets", bucketColumns, body.bytes());
      }
    },
    async writeSpans(spans, marked) {
      const written: VersionedSpan[] = [];
      const refused: RefusedSpan[] = [];
      // The rows of a partition come through together or not at all: only what is among them may mark them.
      for (const group of byPartition(spans, ({ bucket }) => Math.floor(bucket / minutesPerDay))) {
        let rows = marked(group);
        let unfit = encode(rows, group);
        if (unfit.length > 0) {
          // Marks may rest on what is refused. Without them, they are raised when the rows are there.
          rows = group;
          unfit = encode(rows, group);
        }
        await Promise.all([
          clickhouse.insert("spans", spanColumns, spanBody.bytes()),
          clickhouse.insert("span_payloads", payloadColumns, payloadBody.bytes()),
        ]);
        const without = new Set(unfit.map(({ row }) => row));
        written.push(...rows.filter((row) => !without.has(row)));
        refused.push(...unfit);
      }
      return { written, refused };
    },
  };

  /** Payloads are never marked: a mark is raised without them. */
  function encode(rows: readonly VersionedSpan[], unmarked: readonly VersionedSpan[]): RefusedSpan[] {
    spanBody.reset();
    payloadBody.reset();
    const refused: RefusedSpan[] = [];
    for (const [n, row] of rows.entries()) {
      const [spanLength, payloadLength] = [spanBody.length, payloadBody.length];
      try {
        writeSpanRow(spanBody, row);
        writePayloadRow(payloadBody, unmarked[n]!);
      } catch (error) {
        spanBody.truncate(spanLength);
        payloadBody.truncate(payloadLength);
        refused.push({ row, error: error instanceof Error ? error : new Error(String(error)) });
      }
    }
    return refused;
  }
}

/**
 * Rows by partition, the month of a bucket or the day of a span: ClickHouse commits each partition of an insert
 * separately, and refuses an insert into more than 100.
 */
function byPartition<T>(rows: readonly T[], partitionOf: (row: T) => string | number): Iterable<T[]> {
  const partitions = new Map<string | number, T[]>();
  for (const row of rows) {
    const partition = partitionOf(row);
    const group = partitions.get(partition);
    if (group) group.push(row);
    else partitions.set(partition, [row]);
  }
  return partitions.values();
}
