import type { ProjectReader } from "./project-reader.ts";
import { boundTraceIds, inSpansOf } from "./trace-keys.ts";

/** Hashes of the texts of a span; the empty text where there is none. */
export interface TextHashes {
  readonly request: string;
  readonly response: string;
}

const hash = (...texts: readonly string[]) =>
  `if(${texts.map((text) => `${text} = ''`).join(" AND ")}, '', toString(sipHash64(${texts.join(", ")})))`;

/** Of every span of a trace that has texts: what it was asked, tool arguments too, and what it answered. */
export async function readTextHashes(reader: ProjectReader, traceId: string): Promise<ReadonlyMap<string, TextHashes>> {
  const rows = await reader.queryRows<[string, string, string]>(
    `SELECT lower(hex(span_id)), ${hash("request", "tool_arguments")}, ${hash("response", "tool_result", "documents")}
     FROM span_payloads FINAL WHERE ${inSpansOf(boundTraceIds)}`,
    { trace_ids: [traceId] },
  );
  return new Map(rows.map(([id, request, response]) => [id, { request, response }]));
}
