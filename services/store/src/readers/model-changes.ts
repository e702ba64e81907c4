import type { modelChangesSchema } from "@spanhouse/schemas/api/groups";
import type { z } from "zod";
import { readSliceCover } from "../slices/slice-cover.ts";
import { sliceSource } from "../slices/slice-source.ts";
import type { ProjectReader } from "./project-reader.ts";

const columns = ["provider", "request_model", "response_model", "outcome", "calls", "cost"] as const;

export type ModelChange = z.infer<typeof modelChangesSchema>["models"][number];

/** For so long a stretch slices of minutes are read, s; beyond it of hours. */
const finest = 2 * 86400;

export function modelChangePrecision(from: number, to: number): number {
  return to - from <= finest ? 60 : 3600;
}

/** Every returned model by the one that was asked for, between Unix s; at most `limit`. */
export async function readModelChanges(
  reader: ProjectReader,
  from: number,
  to: number,
  limit: number,
): Promise<readonly ModelChange[]> {
  const hourly = modelChangePrecision(from, to) === 3600;
  const time = hourly ? "toStartOfHour(s.time)" : "s.time";
  const cover = await readSliceCover(reader, "spend", { from, to }, hourly ? "hour" : "minute");
  const rows = await reader.query<Omit<ModelChange, "calls" | "errors"> & { calls: string; errors: string }>(
    `SELECT provider, request_model, response_model, min(${time}) AS first_seen, max(${time}) AS last_seen,
       sum(s.calls) AS calls, sumIf(s.calls, s.outcome = 'error') AS errors, sum(s.cost) AS cost
     FROM ${sliceSource("spend", columns, cover)} AS s
     WHERE s.response_model != '' AND s.calls > 0
     GROUP BY provider, request_model, response_model
     ORDER BY provider, request_model, first_seen, response_model LIMIT {limit:UInt32}`,
    { limit },
  );
  return rows.map(({ calls, errors, ...row }) => ({ ...row, calls: Number(calls), errors: Number(errors) }));
}
