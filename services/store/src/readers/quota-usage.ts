import { limitsOfRow, type ProjectLimits } from "../limits/project-limits.ts";
import type { ProjectReader } from "./project-reader.ts";

export interface QuotaUsed {
  readonly traces: number;
  readonly spans: number;
  readonly bytes: number;
}

/** The project's own limits, if it has any, and what gateways let in of the month (`YYYY-MM-01`), if they counted. */
export async function readQuotaUsage(
  reader: ProjectReader,
  month: string,
): Promise<{ readonly limits: ProjectLimits | undefined; readonly used: QuotaUsed | undefined }> {
  const [[limits], [used]] = await Promise.all([
    reader.queryRows<[string, string, string]>(
      `SELECT traces_month, spans_second, bytes_second FROM project_limits FINAL WHERE project = {project:String}`,
    ),
    reader.queryRows<[string, string, string]>(
      `SELECT uniqCombined64Merge(traces), sum(spans), sum(bytes)
       FROM (
         SELECT uniqCombined64MergeState(traces) AS traces, max(spans) AS spans, max(bytes) AS bytes FROM quota_usage
         WHERE project = {project:String} AND month = {month:Date} GROUP BY gateway
       ) HAVING count() > 0`,
      { month },
    ),
  ]);
  return {
    limits: limits && limitsOfRow(limits),
    used: used && { traces: Number(used[0]), spans: Number(used[1]), bytes: Number(used[2]) },
  };
}
