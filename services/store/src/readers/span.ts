import type { SpanDetail, spanTexts } from "@spanhouse/schemas/api/spans";
import { mappedOwnership } from "@spanhouse/schemas/span";
import type { ProjectReader } from "./project-reader.ts";
import { type PayloadColumns, payloadOf, payloadSelect } from "./span-payload.ts";
import { standingFirst } from "./trace-keys.ts";
import { atPlace, findTrace } from "./trace-place.ts";
import { type SpanColumns, spanColumns, spanFieldsOf } from "./trace-spans.ts";

const own = [
  ...(["kind", "dialect", "family", "response_id", "service_tier", "tool_call_id", "user_id"] as const),
  ...(["conversation_id", "tags", "metadata", "environment", "release", "region", "team", "cost_centre"] as const),
  ...(["feature", "prompt", "credential", "cache_savings", "price_source", "price_version", "price_rule"] as const),
  ...(["error_type", "finish_reasons", "erased", "instance", "sequence", "fidelity"] as const),
] as const;

const ownerBits = [
  [mappedOwnership.team, "team"],
  [mappedOwnership.costCentre, "cost_centre"],
  [mappedOwnership.feature, "feature"],
  [mappedOwnership.prompt, "prompt"],
  [mappedOwnership.release, "release"],
] as const;

type OwnColumns = Pick<SpanDetail, (typeof own)[number]> & {
  readonly units: Readonly<Record<string, string>>;
  readonly estimated_input_tokens: string;
  readonly estimated_output_tokens: string;
  readonly mapped_ownership: number;
  readonly version_hex: string;
  readonly scope: string;
};

const ruled = "estimated_input_tokens, estimated_output_tokens, mapped_ownership";

const atSpan = `${atPlace} AND span_id = toFixedString(unhex({span_id:String}), 8)`;

const spanSource = `spans FINAL PREWHERE ${atSpan} ORDER BY ${standingFirst} LIMIT 1`;

/** Rows of one span id in one trace are told apart by their minutes alone. */
interface Standing {
  readonly minute: number;
}
const standing = "toUnixTimestamp(bucket) AS minute";

/**
 * The texts of a span at every minute that it came in. The conditions are on the key alone, which all versions of a row
 * share: so they may go before FINAL, and the texts of its neighbours are not read.
 */
const payloadSource = `span_payloads FINAL PREWHERE ${atSpan}`;

/** The key of the row that stands for the span: its payload lies under the same one. */
const standingKey = `project = {project:String} AND (bucket, lane, trace_id, span_id) IN
  (SELECT bucket, lane, trace_id, span_id FROM ${spanSource})`;

const batchSource = `spans FINAL PREWHERE ${atPlace}
  AND span_id IN (SELECT toFixedString(unhex(arrayJoin({span_ids:Array(String)})), 8))
  ORDER BY span_id, ${standingFirst} LIMIT 1 BY span_id`;

type SpanRowColumns = SpanColumns & OwnColumns;
const selectedSpan = `SELECT ${spanColumns}, ${own.join(", ")}, units, ${ruled}, lower(leftPad(hex(version), 16, '0')) AS version_hex, scope`;

/** Everything of a span, or undefined. Texts that are past their retention are null. */
export async function readSpan(
  reader: ProjectReader,
  traceId: string,
  spanId: string,
): Promise<SpanDetail | undefined> {
  const place = await findTrace(reader, traceId);
  if (place === undefined) return undefined;
  const params = { ...place, span_id: spanId };
  const [[span], payloads] = await Promise.all([
    reader.query<SpanRowColumns & Standing>(`${selectedSpan}, ${standing} FROM ${spanSource}`, params),
    reader.query<PayloadColumns & Standing>(`${payloadSelect}, ${standing} FROM ${payloadSource}`, params),
  ]);
  const payload = payloads.find(({ minute }) => minute === span?.minute);
  return span && detailOf(traceId, span, payload);
}

/** Everything of some spans of a trace, as many as a page of texts may hold. */
export async function readSpans(
  reader: ProjectReader,
  traceId: string,
  spanIds: readonly string[],
): Promise<readonly SpanDetail[]> {
  const place = await findTrace(reader, traceId);
  if (place === undefined) return [];
  const params = { ...place, span_ids: spanIds };
  const [spans, payloads] = await Promise.all([
    reader.query<SpanRowColumns>(`${selectedSpan} FROM ${batchSource}`, params),
    reader.query<PayloadColumns & { readonly id: string }>(
      `${payloadSelect}, lower(hex(span_id)) AS id FROM span_payloads FINAL
       WHERE project = {project:String} AND (bucket, lane, trace_id, span_id) IN
         (SELECT bucket, lane, trace_id, span_id FROM ${batchSource})`,
      params,
    ),
  ]);
  const byId = new Map(payloads.map((payload) => [payload.id, payload]));
  return spans.map((span) => detailOf(traceId, span, byId.get(span.id)));
}

function detailOf(traceId: string, span: SpanRowColumns, payload: PayloadColumns | undefined): SpanDetail {
  const details = Object.fromEntries(own.map((name) => [name, span[name]])) as Pick<SpanDetail, (typeof own)[number]>;
  return {
    trace_id: traceId,
    ...spanFieldsOf(span),
    ...details,
    units: Object.fromEntries(Object.entries(span.units).map(([unit, count]) => [unit, Number(count)])),
    estimated_usage:
      span.usage_state === "estimated"
        ? { input_tokens: Number(span.estimated_input_tokens), output_tokens: Number(span.estimated_output_tokens) }
        : null,
    owned_by_rule: ownerBits.flatMap(([bit, owner]) => ((span.mapped_ownership & bit) === 0 ? [] : [owner])),
    version: span.version_hex,
    ...payloadOf(payload, span.scope),
  };
}

/** The bytes of one text of a span as stored; empty where the span has none. Undefined when it is not stored (any more). */
export async function readSpanText(
  reader: ProjectReader,
  traceId: string,
  spanId: string,
  text: (typeof spanTexts)[number],
): Promise<Buffer | undefined> {
  const place = await findTrace(reader, traceId);
  if (place === undefined) return undefined;
  // Base64, because the client decodes answers as UTF-8, which would change bytes that are not.
  const [row] = await reader.queryRows<[string]>(
    `SELECT base64Encode(${text}) FROM span_payloads FINAL WHERE ${standingKey} LIMIT 1`,
    { ...place, span_id: spanId },
  );
  return row && Buffer.from(row[0], "base64");
}
