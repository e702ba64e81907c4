import { type JsonObject, objectOf, objectsOf, wordOf } from "@spanhouse/schemas/json-value";
import type { ReadExport } from "./import-source.ts";
import { type Attributes, type ImportedSpan, keyValues, spanIdOf, timeOf, traceIdOf } from "./imported-span.ts";

/**
 * Phoenix: spans as its API gives them (`GET /v1/projects/{project}/spans`), or the columns of a dataframe as JSON
 * (`get_spans_dataframe().to_json(orient="records")`), in OpenInference's words either way.
 * https://arize.com/docs/phoenix (Export Data & Query Spans)
 */
export const readPhoenix: ReadExport = async function* (records, { onSkipped }) {
  for await (const record of records()) {
    const span = spanOf(record);
    if (span) yield span;
    else onSkipped("a span without context, start_time or end_time");
  }
};

function spanOf(record: JsonObject): ImportedSpan | undefined {
  const context = objectOf(record.context) ?? {};
  const trace = wordOf(context.trace_id) ?? wordOf(record["context.trace_id"]);
  const id = wordOf(context.span_id) ?? wordOf(record["context.span_id"]);
  const [start, end] = [timeOf(record.start_time), timeOf(record.end_time)];
  if (trace === undefined || id === undefined || start === undefined || end === undefined) return undefined;
  const parent = wordOf(record.parent_id);
  const message = wordOf(record.status_message) ?? "";
  return {
    resource: {},
    span: {
      ...{ traceId: traceIdOf("phoenix", trace), spanId: spanIdOf("phoenix", id), name: wordOf(record.name) ?? "span" },
      ...(parent === undefined ? {} : { parentSpanId: spanIdOf("phoenix", parent) }),
      ...{ startTimeUnixNano: start, endTimeUnixNano: end },
      attributes: keyValues(attributesOf(record)),
      events: objectsOf(record.events).map((event) => ({
        timeUnixNano: timeOf(event.timestamp) ?? end,
        name: wordOf(event.name) ?? "event",
        attributes: keyValues(objectOf(event.attributes) ?? {}),
      })),
      ...(record.status_code === "ERROR" ? { status: { code: 2, message } } : {}),
    },
  };
}

/** Flat, as OpenInference writes them on the wire: messages and documents are lists of objects in the table. */
function attributesOf(record: JsonObject): Attributes {
  const columns = Object.entries(record).flatMap(([key, value]): [string, unknown][] =>
    key.startsWith("attributes.") ? [[key.slice("attributes.".length), value]] : [],
  );
  const flat: Record<string, unknown> = { "openinference.span.kind": record.span_kind };
  for (const [key, value] of [...Object.entries(objectOf(record.attributes) ?? {}), ...columns])
    flatten(key, value, flat);
  return flat;
}

/** What OpenInference has as JSON in one attribute. */
const whole = new Set(["metadata", "llm.invocation_parameters", "input.value", "output.value", "tool.parameters"]);

function flatten(key: string, value: unknown, into: Record<string, unknown>): void {
  if (whole.has(key) || value === null || typeof value !== "object") {
    into[key] = value;
    return;
  }
  if (Array.isArray(value) && !value.some((one) => objectOf(one))) {
    into[key] = value;
    return;
  }
  for (const [name, inner] of Object.entries(value)) flatten(`${key}.${name}`, inner, into);
}
