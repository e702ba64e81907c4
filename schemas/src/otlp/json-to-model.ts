import { JsonMismatch, JsonObject, type JsonPath } from "./json-reader.ts";
import type {
  AnyValue,
  Event,
  ExportTraceServiceRequest,
  InstrumentationScope,
  KeyValue,
  Link,
  Resource,
  ResourceSpans,
  ScopeSpans,
  Span,
  Status,
} from "./model.ts";
import { maxValueDepth } from "./shapes.ts";

export const spanKindNames = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"] as const;
export const statusCodeNames = ["UNSET", "OK", "ERROR"] as const;

/** A parsed OTLP JSON document as a request. Throws `JsonMismatch`, which names the path, on a value of a wrong type. */
export function jsonToModel(document: unknown): ExportTraceServiceRequest {
  return { resourceSpans: new JsonObject(document).list("resourceSpans", resourceSpansOf) };
}

/** A message without undefined fields and empty lists, so that a hostile document costs little more than its bytes. */
function present<Message extends object>(fields: { [Name in keyof Message]: Message[Name] | undefined }): Message {
  const message: Partial<Message> = {};
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined && !isEmptyList(value)) message[name] = value;
  }
  return message as Message;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function resourceSpansOf(value: unknown, path: JsonPath): ResourceSpans {
  const json = new JsonObject(value, path);
  const resource = json.object("resource");
  return {
    ...present<Omit<ResourceSpans, "scopeSpans">>({
      resource: resource && resourceOf(resource),
      schemaUrl: json.text("schemaUrl"),
    }),
    scopeSpans: [
      ...json.list("scopeSpans", (item, at) => scopeSpansOf(item, at, "scope")),
      // The name before OTLP 0.15.
      ...json.list("instrumentationLibrarySpans", (item, at) => scopeSpansOf(item, at, "instrumentationLibrary")),
    ],
  };
}

function resourceOf(json: JsonObject): Resource {
  return {
    ...present<Omit<Resource, "attributes">>({ droppedAttributesCount: json.uint32("droppedAttributesCount") }),
    attributes: json.list("attributes", keyValueOf),
  };
}

function scopeSpansOf(value: unknown, path: JsonPath, head: "scope" | "instrumentationLibrary"): ScopeSpans {
  const json = new JsonObject(value, path);
  const scope = json.object(head);
  return {
    ...present<Omit<ScopeSpans, "spans">>({ scope: scope && scopeOf(scope), schemaUrl: json.text("schemaUrl") }),
    spans: json.list("spans", spanOf),
  };
}

function scopeOf(json: JsonObject): InstrumentationScope {
  return present<InstrumentationScope>({
    name: json.text("name"),
    version: json.text("version"),
    attributes: json.list("attributes", keyValueOf),
    droppedAttributesCount: json.uint32("droppedAttributesCount"),
  });
}

function spanOf(value: unknown, path: JsonPath): Span {
  const json = new JsonObject(value, path);
  const status = json.object("status");
  return present<Span>({
    traceId: json.hex("traceId"),
    spanId: json.hex("spanId"),
    traceState: json.text("traceState"),
    parentSpanId: json.hex("parentSpanId"),
    name: json.text("name"),
    kind: json.enumeration("kind", "SPAN_KIND_", spanKindNames),
    startTimeUnixNano: json.uint64("startTimeUnixNano"),
    endTimeUnixNano: json.uint64("endTimeUnixNano"),
    attributes: json.list("attributes", keyValueOf),
    droppedAttributesCount: json.uint32("droppedAttributesCount"),
    events: json.list("events", eventOf),
    droppedEventsCount: json.uint32("droppedEventsCount"),
    links: json.list("links", linkOf),
    droppedLinksCount: json.uint32("droppedLinksCount"),
    status: status && statusOf(status),
    flags: json.uint32("flags"),
  });
}

function eventOf(value: unknown, path: JsonPath): Event {
  const json = new JsonObject(value, path);
  return present<Event>({
    timeUnixNano: json.uint64("timeUnixNano"),
    name: json.text("name"),
    attributes: json.list("attributes", keyValueOf),
    droppedAttributesCount: json.uint32("droppedAttributesCount"),
  });
}

function linkOf(value: unknown, path: JsonPath): Link {
  const json = new JsonObject(value, path);
  return present<Link>({
    traceId: json.hex("traceId"),
    spanId: json.hex("spanId"),
    traceState: json.text("traceState"),
    attributes: json.list("attributes", keyValueOf),
    droppedAttributesCount: json.uint32("droppedAttributesCount"),
    flags: json.uint32("flags"),
  });
}

function statusOf(json: JsonObject): Status {
  return present<Status>({
    message: json.text("message"),
    code: json.enumeration("code", "STATUS_CODE_", statusCodeNames),
  });
}

function keyValueOf(value: unknown, path: JsonPath, depth = 1): KeyValue {
  const json = new JsonObject(value, path);
  const held = json.object("value");
  return { key: json.text("key") ?? "", value: held ? anyValueOf(held, path, depth) : { type: "empty" } };
}

function anyValueOf(json: JsonObject, path: JsonPath, depth: number): AnyValue {
  if (depth > maxValueDepth) throw new JsonMismatch(path, `values nested at most ${maxValueDepth} deep`, "deeper ones");
  const text = json.text("stringValue");
  if (text !== undefined) return { type: "string", value: text };
  const bool = json.bool("boolValue");
  if (bool !== undefined) return { type: "bool", value: bool };
  const int = json.int64("intValue");
  if (int !== undefined) return { type: "int", value: int };
  const double = json.double("doubleValue");
  if (double !== undefined) return { type: "double", value: double };
  const array = json.object("arrayValue");
  if (array) {
    const items = array.list("values", (item, at) => anyValueOf(new JsonObject(item, at), at, depth + 1));
    return { type: "array", value: items };
  }
  const kvlist = json.object("kvlistValue");
  if (kvlist) return { type: "kvlist", value: kvlist.list("values", (item, at) => keyValueOf(item, at, depth + 1)) };
  const bytes = json.bytes("bytesValue");
  if (bytes !== undefined) return { type: "bytes", value: bytes };
  return { type: "empty" };
}
