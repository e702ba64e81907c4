import {
  type attributeTypes,
  type SpanDetail,
  type SpanText,
  spanTexts,
  type TypedAttribute,
} from "@spanhouse/schemas/api/spans";

const columns = [
  ...spanTexts.flatMap((text) => [text, `length(${text}) AS ${text}_bytes`]),
  ...["documents", "scope_name", "scope_version", "events", "links", "trace_state", "status_message"],
  // Maps as arrays: a JavaScript object would reorder keys that look like numbers, and drop repeated ones.
  ...["mapKeys(attributes) AS attribute_keys", "mapValues(attributes) AS attribute_values", "attribute_types"],
  ...["mapKeys(resource_attributes) AS resource_keys", "mapValues(resource_attributes) AS resource_values"],
  "resource_attribute_types",
];

/** What is selected from `span_payloads` for `payloadOf`. */
export const payloadSelect = `SELECT ${columns.join(", ")}`;

export type PayloadColumns = Readonly<Record<SpanText, string>> &
  Readonly<Record<`${SpanText}_bytes`, string>> & {
    readonly documents: string;
    readonly scope_name: string;
    readonly scope_version: string;
    readonly events: string;
    readonly links: string;
    readonly trace_state: string;
    readonly status_message: string;
    readonly attribute_keys: readonly string[];
    readonly attribute_values: readonly string[];
    readonly attribute_types: string;
    readonly resource_keys: readonly string[];
    readonly resource_values: readonly string[];
    readonly resource_attribute_types: string;
  };

type Payload = Pick<
  SpanDetail,
  | SpanText
  | ("documents" | "text_bytes" | "attributes" | "resource_attributes" | "events" | "links")
  | ("scope_name" | "scope_version" | "trace_state" | "status_message")
>;

/** A payload row as the API shows it; without a row, what `spans` knows. */
export function payloadOf(row: PayloadColumns | undefined, scope: string): Payload {
  const texts = Object.fromEntries(spanTexts.map((text) => [text, row?.[text] || null])) as Record<
    SpanText,
    string | null
  >;
  return {
    ...texts,
    documents: row?.documents || null,
    text_bytes: Object.fromEntries(spanTexts.map((text) => [text, Number(row?.[`${text}_bytes`] ?? 0)])) as Record<
      SpanText,
      number
    >,
    attributes: row ? attributesOf(row.attribute_keys, row.attribute_values, row.attribute_types) : [],
    resource_attributes: row ? attributesOf(row.resource_keys, row.resource_values, row.resource_attribute_types) : [],
    events: storedList(row?.events).map(({ timeUnixNano, name, attributes }) => ({
      time: rfc3339(BigInt(String(timeUnixNano))),
      name: String(name),
      attributes: attributes as Record<string, unknown>,
    })),
    links: storedList(row?.links).map(({ traceId, spanId, attributes }) => ({
      trace_id: String(traceId),
      span_id: String(spanId),
      attributes: attributes as Record<string, unknown>,
    })),
    scope_name: row?.scope_name ?? scope,
    scope_version: row?.scope_version ?? "",
    trace_state: row?.trace_state ?? "",
    status_message: row?.status_message ?? "",
  };
}

function storedList(text: string | undefined): Record<string, unknown>[] {
  return text ? (JSON.parse(text) as Record<string, unknown>[]) : [];
}

const typeOfLetter: Readonly<Record<string, (typeof attributeTypes)[number]>> = {
  s: "string",
  b: "bool",
  i: "int",
  d: "double",
  a: "array",
  k: "kvlist",
  x: "bytes",
  e: "empty",
};

/** Attributes with the types that the wire had, from their texts and a letter each. */
export function attributesOf(keys: readonly string[], values: readonly string[], letters: string): TypedAttribute[] {
  return keys.map((key, i) => {
    const type = typeOfLetter[letters[i] ?? "s"] ?? "string";
    return { key, type, value: attributeValue(type, values[i] ?? "") };
  });
}

function attributeValue(type: TypedAttribute["type"], text: string): unknown {
  switch (type) {
    case "bool":
      return text === "true";
    case "int": {
      const value = Number(text);
      return Number.isSafeInteger(value) ? value : text;
    }
    case "double": {
      const value = Number(text);
      return Number.isFinite(value) ? value : text;
    }
    case "array":
    case "kvlist":
      return JSON.parse(text);
    case "empty":
      return null;
    default:
      return text;
  }
}

function rfc3339(unixNano: bigint): string {
  const milliseconds = Number(unixNano / 1_000_000n);
  const seconds = new Date(milliseconds - (milliseconds % 1000)).toISOString().slice(0, -5);
  return `${seconds}.${(unixNano % 1_000_000_000n).toString().padStart(9, "0")}Z`;
}
