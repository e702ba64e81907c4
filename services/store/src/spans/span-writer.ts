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
   * Resolves, once all others are acknowledged, with those that do not fit the columns.
   */
  writeSpans(spans: readonly VersionedSpan[]): Promise<readonly RefusedSpan[]>;
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
    async writeSpans(spans) {
      const refused: RefusedSpan[] = [];
      for (const group of byPartition(spans, ({ bucket }) => Math.floor(bucket / minutesPerDay))) {
        spanBody.reset();
        payloadBody.reset();
        for (const row of group) {
          const [spanLength, payloadLength] = [spanBody.length, payloadBody.length];
          try {
            writeSpanRow(spanBody, row);
            writePayloadRow(payloadBody, row);
          } catch (error) {
            spanBody.truncate(spanLength);
            payloadBody.truncate(payloadLength);
            refused.push({ row, error: error instanceof Error ? error : new Error(String(error)) });
          }
        }
        await Promise.all([
          clickhouse.insert("spans", spanColumns, spanBody.bytes()),
          clickhouse.insert("span_payloads", payloadColumns, payloadBody.bytes()),
        ]);
      }
      return refused;
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
