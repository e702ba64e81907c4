import type { Bucket } from "@spanhouse/schemas/bucket";
import type { ClickHouse } from "./clickhouse.ts";
import { RowBinaryWriter } from "./row-binary.ts";
import type { VersionedSpan } from "./span-rows.ts";
import { payloadColumns, spanColumns, writePayloadRow, writeSpanRow } from "./span-rows.ts";

export interface TraceBucket {
  readonly project: string;
  readonly traceId: string;
  readonly bucket: Bucket;
}

export interface SpanWriter {
  /** Adds to the set of buckets of each trace. Must be acknowledged before the spans of those buckets are written. */
  writeBuckets(buckets: readonly TraceBucket[]): Promise<void>;
  /** Inserts spans and their payloads. Idempotent: a row that is there with the same or a greater version stays. */
  writeSpans(spans: readonly VersionedSpan[]): Promise<void>;
}

const minutesPerDay = 1440;
const bucketColumns = ["project", "trace_id", "bucket"] as const;

/** The project is part of every insert's rows, never of its statement, so one writer serves all projects. */
export function createSpanWriter(clickhouse: ClickHouse): SpanWriter {
  const spanBody = new RowBinaryWriter();
  const payloadBody = new RowBinaryWriter();

  return {
    async writeBuckets(buckets) {
      // Partitions are months; days never span two of them, and one block a partition is what an insert should be.
      for (const group of byDay(buckets, ({ bucket }) => bucket)) {
        const body = new RowBinaryWriter();
        for (const { project, traceId, bucket } of group) {
          body.string(project);
          body.fixedHex(traceId, 16);
          body.dateTime(bucket * 60);
        }
        await clickhouse.insert("trace_buckets", bucketColumns, body.bytes());
      }
    },
    async writeSpans(spans) {
      for (const group of byDay(spans, ({ bucket }) => bucket)) {
        spanBody.reset();
        payloadBody.reset();
        for (const span of group) {
          writeSpanRow(spanBody, span);
          writePayloadRow(payloadBody, span);
        }
        await Promise.all([
          clickhouse.insert("spans", spanColumns, spanBody.bytes()),
          clickhouse.insert("span_payloads", payloadColumns, payloadBody.bytes()),
        ]);
      }
    },
  };
}

/** Rows by the day of their bucket, which is the partition: ClickHouse commits each partition of an insert separately. */
function byDay<T>(rows: readonly T[], bucketOf: (row: T) => Bucket): Iterable<T[]> {
  const days = new Map<number, T[]>();
  for (const row of rows) {
    const day = Math.floor(bucketOf(row) / minutesPerDay);
    const group = days.get(day);
    if (group) group.push(row);
    else days.set(day, [row]);
  }
  return days.values();
}
