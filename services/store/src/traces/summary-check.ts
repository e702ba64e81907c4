import type { ClickHouse } from "../clickhouse.ts";
import { RowBinaryWriter } from "../row-binary.ts";
import type { TraceKey } from "./trace-key.ts";
import type { TraceSummary } from "./trace-summary.ts";
import { summaryColumns, writeSummaryRow } from "./trace-writer.ts";

/** A statement carries at most this many summaries. */
const summariesPerStatement = 500;

/** The traces whose stored summary is not, in every column, the given one. Reads only: the server compares. */
export async function checkSummaries(clickhouse: ClickHouse, expected: readonly TraceSummary[]): Promise<TraceKey[]> {
  const different: TraceKey[] = [];
  const types = await columnTypes(clickhouse);
  const structure = summaryColumns.map((name) => `${name} ${types.get(name)}`).join(", ");
  for (let i = 0; i < expected.length; i += summariesPerStatement) {
    const body = new RowBinaryWriter();
    for (const summary of expected.slice(i, i + summariesPerStatement)) writeSummaryRow(body, summary);
    const rows = await clickhouse.query<TraceKey>(
      `WITH expected AS (SELECT ${summaryColumns.join(", ")} FROM format(RowBinary, '${structure.replaceAll("'", "''")}',
         base64Decode('${Buffer.from(body.bytes()).toString("base64")}')))
       SELECT project, lower(hex(trace_id)) AS traceId FROM
       (
         SELECT * FROM expected
         EXCEPT
         SELECT ${summaryColumns.join(", ")} FROM traces FINAL
         WHERE (project, bucket, trace_id) IN (SELECT project, bucket, trace_id FROM expected)
       )`,
    );
    different.push(...rows);
  }
  return different;
}

async function columnTypes(clickhouse: ClickHouse): Promise<ReadonlyMap<string, string>> {
  const rows = await clickhouse.query<{ name: string; type: string }>(
    "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = 'traces'",
  );
  return new Map(rows.map(({ name, type }) => [name, type]));
}
