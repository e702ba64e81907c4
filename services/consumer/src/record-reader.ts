import type { InboundRecord } from "@spanhouse/bus/bus";
import { recordHeader } from "@spanhouse/bus/bus";
import type { ErrorCode } from "@spanhouse/schemas/errors";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import type { DecodedTraces } from "@spanhouse/schemas/otlp/decoded";
import { decodeJson } from "@spanhouse/schemas/otlp/json";
import { isProjectName } from "@spanhouse/store/projects";

export type RecordReading =
  | { readonly kind: "traces"; readonly project: string; readonly traces: DecodedTraces }
  | { readonly kind: "unreadable"; readonly project: string; readonly code: ErrorCode; readonly message: string };

const text = new TextDecoder();
const openingBrace = "{".charCodeAt(0);

/**
 * A record of the span log as decoded traces. The project is the record's header's, else `topicProject`, for topics that
 * OpenTelemetry Collectors write to. They also set no content type: then the first byte decides, for no protobuf message
 * of OTLP begins like JSON.
 */
export function readRecord(record: InboundRecord, topicProject: string): RecordReading {
  const project = headerText(record, recordHeader.project) || topicProject;
  if (!isProjectName(project)) {
    const message = `header ${recordHeader.project} is ${JSON.stringify(project)}: expected the name of a project`;
    return { kind: "unreadable", project: "", code: "PROJECT_UNKNOWN", message };
  }
  const transcoded = isJson(record) ? decodeJson(record.value) : ({ kind: "decoded", protobuf: record.value } as const);
  if (transcoded.kind === "failed")
    return { kind: "unreadable", project, code: transcoded.code, message: transcoded.message };
  if (transcoded.protobuf.length === 0 && record.value.length > 0) {
    // JSON without a span is a request that says nothing, as `{}` is.
    return { kind: "traces", project, traces: { bytes: transcoded.protobuf, spans: [], rejected: [] } };
  }
  const decoded = decodeTraces(transcoded.protobuf);
  if (decoded.kind === "failed") return { kind: "unreadable", project, code: decoded.code, message: decoded.message };
  return { kind: "traces", project, traces: decoded.traces };
}

function headerText(record: InboundRecord, name: string): string {
  const value = record.headers[name];
  return value ? text.decode(value) : "";
}

function isJson(record: InboundRecord): boolean {
  const contentType = headerText(record, recordHeader.contentType);
  if (contentType !== "") return contentType.startsWith("application/json");
  const first = record.value.find((byte) => byte > 0x20);
  return first === openingBrace;
}
