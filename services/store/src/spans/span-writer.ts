import type { Bucket } from "@spanhouse/schemas/bucket";
import type { ClickHouse } from "../clickhouse.ts";
import { RowBinaryWriter } from "../row-binary.ts";
import type { EncodedSpan, EncodedSpans } from "./encoded-spans.ts";
import { payloadColumns } from "./payload-rows.ts";
import { spanColumns } from "./span-columns.ts";

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
   * Resolves with the spans as they were inserted, once all rows are acknowledged.
   */
  writeSpans<Span extends EncodedSpan>(
    encoded: EncodedSpans,
    spans: readonly Span[],
    marked: KnownMarks<Span>,
  ): Promise<Span[]>;
}

/** The same spans, in the same order, with marks that follow from them all being there. */
export type KnownMarks<Span extends EncodedSpan> = (spans: readonly Span[]) => readonly Span[];

const minutesPerDay = 1440;
const bucketColumns = ["project", "trace_id", "bucket", "writer"] as const;

/** The project is part of every insert's rows, never of its statement, so one writer serves all projects. */
export function createSpanWriter(clickhouse: ClickHouse): SpanWriter {
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
    async writeSpans<Span extends EncodedSpan>(
      encoded: EncodedSpans,
      spans: readonly Span[],
      marked: KnownMarks<Span>,
    ) {
      const written: Span[] = [];
      // The rows of a partition come through together or not at all: only what is among them may mark them.
      for (const group of byPartition(spans, ({ row }) => Math.floor(row.bucket / minutesPerDay))) {
        const rows = marked(group);
        for (const { place, row } of rows) encoded.setVersion(place, row.version);
        const places = rows.map(({ place }) => place);
        await Promise.all([
          clickhouse.insert("spans", spanColumns, encoded.spanBlock(places), { format: "Native" }),
          clickhouse.insert("span_payloads", payloadColumns, encoded.payloadRows(places)),
        ]);
        for (const row of rows) written.push(row);
      }
      return written;
    },
  };
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
