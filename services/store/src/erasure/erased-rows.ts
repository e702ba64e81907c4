import { laneOf } from "@spanhouse/schemas/lane";
import type { ClickHouse } from "../clickhouse.ts";
import type { Score } from "../scores.ts";
import type { TraceBucket } from "../spans/span-writer.ts";
import type { VersionedSpan } from "../spans/versioned-span.ts";
import { bucketLiteral, fixedStringLiteral, stringLiteral } from "../sql-literal.ts";
import type { TraceRow } from "../traces/trace-row.ts";
import { withErased } from "../version.ts";

/**
 * What a blanked row no longer says, as SQL; everything else, above all its numbers and what they are added up by, stays.
 * `erasedSpan` and `erasedTraceRow` say the same of rows in memory; a test compares them. Of a payload nothing is left.
 */
const blanked: Readonly<Record<string, string>> = {
  user_id: "''",
  conversation_id: "''",
  tags: "[]",
  metadata: "map()",
  message: "''",
  fidelity: "'absent'",
};

export function erasedSpan(row: VersionedSpan): VersionedSpan {
  const nothing = { userId: "", conversationId: "", tags: [], metadata: {}, message: "", fidelity: "absent" } as const;
  return { ...row, span: { ...row.span, ...nothing }, version: withErased(row.version) };
}

export function erasedTraceRow(row: TraceRow): TraceRow {
  const nothing = { userId: "", conversationId: "", tags: [], message: "" } as const;
  return { ...row, ...nothing, version: withErased(row.version) };
}

/** A score keeps its figure; who gave it, and in what words, it does not. */
export function erasedScore(score: Score): Score {
  return { ...score, userId: "", comment: "" };
}

const risen = "bitOr(version, bitShiftLeft(toUInt64(1), 63))";
/** Whatever else a row has is copied as it stands, with columns that only a newer version of this program knows. */
const replaced = Object.entries({ ...blanked, version: risen }).map(([column, value]) => `${value} AS ${column}`);
const key = "project, bucket, lane, trace_id, span_id";
/** A statement names at most this many. */
const bucketsPerStatement = 5000;

/**
 * Blanks all rows and payloads of the traces at those minutes, whatever content they have by then: it ORs a bit onto the
 * rows that are there, so it is harmless whenever it comes through. Resolves with how many rows were not blank before.
 */
export async function eraseRows(clickhouse: ClickHouse, places: readonly TraceBucket[]): Promise<number> {
  let readable = 0;
  for (let i = 0; i < places.length; i += bucketsPerStatement) {
    const keys = places
      .slice(i, i + bucketsPerStatement)
      .map(
        ({ project, bucket, traceId }) =>
          `(${stringLiteral(project)}, ${bucketLiteral(bucket)}, ${laneOf(traceId)}, ${fixedStringLiteral(traceId)})`,
      );
    const where = `(project, bucket, lane, trace_id) IN (${keys.join(", ")}) AND NOT bitTest(version, 63)`;
    const final = { do_not_merge_across_partitions_select_final: 1 } as const;
    const [row] = await clickhouse.queryRows<[string]>(
      `SELECT count() FROM spans FINAL WHERE ${where}`,
      {},
      { settings: final },
    );
    readable += Number(row![0]);
    // Payloads first: whoever finds a blanked row need not ask for its text any more.
    await clickhouse.command(
      `INSERT INTO span_payloads (${key}, version)
       SELECT ${key}, ${risen} FROM span_payloads FINAL WHERE ${where}`,
      {},
      final,
    );
    await clickhouse.command(
      `INSERT INTO spans (* EXCEPT (written_at))
       SELECT * EXCEPT (written_at) REPLACE (${replaced.join(", ")}) FROM (SELECT * FROM spans FINAL WHERE ${where})`,
      {},
      final,
    );
  }
  return readable;
}
