/** What a consumer says to ClickHouse, told apart by its SQL alone: nothing in the consumer knows that it is watched. */
const patterns = {
  buckets: /^INSERT INTO `trace_buckets`/,
  spans: /^INSERT INTO `spans`/,
  payloads: /^INSERT INTO `span_payloads`/,
  otherWriters: /^SELECT DISTINCT project, lower\(hex\(trace_id\)\) FROM trace_buckets\s+WHERE writer !=/,
  readBack: /^SELECT [^;]*? FROM spans FINAL WHERE \(project, bucket, lane, trace_id\) IN/,
  marks: /^INSERT INTO spans \(version/,
  summaries: /^INSERT INTO `traces`/,
  minutes: /^INSERT INTO rollup_minute/,
  hours: /^INSERT INTO rollup_hour/,
  days: /^INSERT INTO rollup_day/,
  clock: /^SELECT toUInt32\(intDiv\(toUnixTimestamp\(now\(\)\), 60\)\) AS minute/,
  checkpoint: /^INSERT INTO checkpoints/,
} as const;

export type StatementName = keyof typeof patterns;

/** Room for the columns of the longest statement; its keys come after. */
const inspectedBytes = 8 * 1024;

/** SQL stands in the URL where a body of rows follows, else in the body: as it is, or as a part of a form. */
export function statementOf(path: string, body: Uint8Array): StatementName | undefined {
  const inUrl = new URL(path, "http://localhost").searchParams.get("query");
  const text = inUrl ?? new TextDecoder().decode(body.subarray(0, inspectedBytes));
  const sql = text.startsWith("--") ? (/name="query"\r\n\r\n([\s\S]*)/.exec(text)?.[1] ?? "") : text;
  const found = Object.entries(patterns).find(([, pattern]) => pattern.test(sql.trimStart()));
  return found?.[0] as StatementName | undefined;
}
