import type { Attributes } from "@spanhouse/schemas/otlp/attributes";
import { ValueType } from "@spanhouse/schemas/otlp/attributes";
import type { Slice } from "@spanhouse/schemas/slice";
import type { RowBinaryWriter } from "../row-binary.ts";
import { isErased } from "../version.ts";
import type { VersionedSpan } from "./versioned-span.ts";

/** Columns of `span_payloads`, in the order in which `writePayloadRow` writes them. */
export const payloadColumns = [
  ...["project", "bucket", "lane", "trace_id", "span_id", "version"],
  ...["request", "response", "tool_arguments", "tool_result", "documents"],
  ...["attributes", "attribute_types", "resource_attributes", "resource_attribute_types"],
  ...["scope_name", "scope_version", "events", "links", "trace_state", "status_message"],
] as const;

function writeKey(w: RowBinaryWriter, { span, bucket, lane, version }: VersionedSpan): void {
  w.string(span.project);
  w.dateTime(bucket * 60);
  w.uint8(lane);
  w.fixedHex(span.traceId, 16);
  w.fixedHex(span.spanId, 8);
  w.uint64(version);
}

/** How many of them `writeKey` writes. */
const keyColumns = 6;

/** A letter per OTLP value type, so that an attribute can be given back with its type. */
const typeLetter: Readonly<Record<ValueType, string>> = {
  [ValueType.empty]: "e",
  [ValueType.string]: "s",
  [ValueType.bool]: "b",
  [ValueType.int]: "i",
  [ValueType.double]: "d",
  [ValueType.array]: "a",
  [ValueType.kvlist]: "k",
  [ValueType.bytes]: "x",
};

/** Indexes of the attributes under way: every span's in turn. */
const kept: number[] = [];

/** Attributes as Map(String, String) and their types; those whose text already stands in a column of its own are left out. */
function writeAttributes(w: RowBinaryWriter, attributes: Attributes, elsewhere: readonly Slice[]): void {
  const { bytes } = attributes;
  kept.length = 0;
  for (let i = 0; i < attributes.length; i++) {
    if (!isStored(elsewhere, bytes, attributes.start(i), attributes.end(i))) kept.push(i);
  }
  w.arrayLength(kept.length);
  let types = "";
  for (const i of kept) {
    const type = attributes.type(i);
    w.slice(attributes.keySlice(i));
    if (type === ValueType.string) w.stretch(bytes, attributes.start(i), attributes.end(i));
    else w.string(attributes.text(i) ?? attributeJson(attributes.json(i)));
    types += typeLetter[type];
  }
  w.string(types);
}

let lastResource: { readonly attributes: Attributes; readonly bytes: Uint8Array } | undefined;

/** The same for all spans of a resource, which mostly follow each other. */
function writeResource(w: RowBinaryWriter, attributes: Attributes): void {
  if (lastResource?.attributes === attributes) {
    w.written(lastResource.bytes);
    return;
  }
  const before = w.length;
  writeAttributes(w, attributes, noTexts);
  // A copy: the writer's memory is written over with its next rows.
  lastResource = { attributes, bytes: new Uint8Array(w.bytes().subarray(before)) };
}

const noTexts: readonly Slice[] = [];

/** Whether the text, which is not empty, is one of those that have a column of their own. */
function isStored(elsewhere: readonly Slice[], bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end) return false;
  for (const text of elsewhere) if (text.start === start && text.end === end && text.bytes === bytes) return true;
  return false;
}

function attributeJson(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function attributeObject(attributes: Attributes): Record<string, unknown> {
  const entries = Array.from({ length: attributes.length }, (_, i) => [attributes.key(i), attributes.json(i)] as const);
  return Object.fromEntries(entries);
}

export function writePayloadRow(w: RowBinaryWriter, row: VersionedSpan): void {
  if (isErased(row.version)) {
    writeBlankPayload(w, row);
    return;
  }
  const { decoded, span } = row;
  const { request, response, toolArguments, toolResult, documents } = span.content;
  const texts = [request, response, toolArguments, toolResult, documents];
  writeKey(w, row);
  for (const text of texts) w.slice(text);
  writeAttributes(w, decoded.attributes, texts);
  writeResource(w, decoded.resource.attributes);
  w.string(decoded.scope.name);
  w.string(decoded.scope.version);
  w.string(
    decoded.events.length === 0
      ? ""
      : JSON.stringify(
          decoded.events.map(({ timeUnixNano, name, attributes }) => ({
            timeUnixNano: timeUnixNano.toString(),
            name,
            attributes: attributeObject(attributes),
          })),
        ),
  );
  w.string(
    decoded.links.length === 0
      ? ""
      : JSON.stringify(
          decoded.links.map(({ traceId, spanId, attributes }) => ({
            traceId,
            spanId,
            attributes: attributeObject(attributes),
          })),
        ),
  );
  w.string(decoded.traceState);
  w.string(decoded.statusMessage);
}

/** The columns after the key are texts and maps: empty ones are all one zero byte. */
function writeBlankPayload(w: RowBinaryWriter, row: VersionedSpan): void {
  writeKey(w, row);
  for (let column = keyColumns; column < payloadColumns.length; column++) w.arrayLength(0);
}
