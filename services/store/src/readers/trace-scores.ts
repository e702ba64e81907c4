import type { ScoreKind } from "@spanhouse/schemas/api/scores";
import type { ProjectReader } from "./project-reader.ts";
import { hexOrEmpty } from "./trace-keys.ts";

export interface TraceScore {
  readonly id: string;
  /** Null: on the whole trace. */
  readonly span_id: string | null;
  readonly name: string;
  readonly kind: ScoreKind;
  /** Null of a category. */
  readonly value: number | null;
  readonly label: string;
  readonly comment: string;
  readonly source: string;
  readonly user_id: string;
  readonly time: string;
}

/** What was said of a trace and its spans, by time. */
export async function readTraceScores(reader: ProjectReader, traceId: string): Promise<TraceScore[]> {
  return reader.query<TraceScore>(
    `SELECT lower(hex(score_id)) AS id, nullIf(${hexOrEmpty("scores.span_id")}, '') AS span_id, name, kind,
       if(kind = 'category', NULL, value) AS value, label, comment, source, user_id, given_at AS time
     FROM scores FINAL WHERE project = {project:String} AND trace_id = unhex({trace_id:String})
     ORDER BY given_at, score_id LIMIT 10000`,
    { trace_id: traceId },
  );
}
