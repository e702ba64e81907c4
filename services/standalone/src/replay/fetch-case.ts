import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { decodeJson } from "@spanhouse/schemas/otlp/json";
import { toModel } from "@spanhouse/schemas/otlp/to-model";
import type { QueryConnection } from "../reading/query-connection.ts";
import type { Case } from "./case-file.ts";
import { type CaseOptions, caseOfSpans } from "./case-of-spans.ts";

/** A stored trace as a case, by the query API's export of it. */
export async function fetchCase(query: QueryConnection, traceId: string, options: CaseOptions = {}): Promise<Case> {
  const chunks: Uint8Array[] = [];
  const never = new AbortController().signal;
  for await (const chunk of await query.stream(`/v1/traces/${traceId}/export`, {}, never)) chunks.push(chunk);
  const json = decodeJson(Buffer.concat(chunks));
  const decoded = json.kind === "decoded" ? decodeTraces(json.protobuf, Infinity) : json;
  if (decoded.kind === "failed") throw new Error(`trace ${traceId}: the export does not decode: ${decoded.message}`);
  return caseOfSpans([toModel(decoded.traces)], options).case;
}
