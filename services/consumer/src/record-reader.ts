import type { InboundRecord } from "@spanhouse/bus/bus";
import { recordHeader } from "@spanhouse/bus/bus";
import type { ErrorCode } from "@spanhouse/schemas/errors";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import type { DecodedTraces } from "@spanhouse/schemas/otlp/decoded";
import { decodeJson } from "@spanhouse/schemas/otlp/json";
import { textOf } from "@spanhouse/schemas/slice";
import { isProjectName } from "@spanhouse/store/projects";

export type RecordReading =
  | { readonly kind: "traces"; readonly project: string; readonly traces: DecodedTraces }
  | { readonly kind: "unreadable"; readonly project: string; readonly code: ErrorCode; readonly message: string };

const openingBrace = "{".charCodeAt(0);
const newline = "\n".charCodeAt(0);
/** Of a name that is none, so much is told. */
const toldLength = 100;

/**
 * A record of the span log as decoded traces. The project is the record's header's, else `topicProject`, for topics that
 * OpenTelemetry Collectors write to. They also set no content type: then the bytes decide.
 */
export function readRecord(record: InboundRecord, topicProject: string): RecordReading {
  const project = headerText(record, recordHeader.project) || topicProject;
  if (!isProjectName(project)) {
    const told = JSON.stringify(project.slice(0, toldLength));
    const message = `header ${recordHeader.project} is ${told}: expected the name of a project`;
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
  return value ? textOf({ bytes: value, start: 0, end: value.length }) : "";
}

function isJson(record: InboundRecord): boolean {
  const contentType = headerText(record, recordHeader.contentType);
  if (contentType !== "") return contentType.startsWith("application/json");
  return looksLikeJson(record.value);
}

/**
 * No protobuf message of OTLP begins with a brace. But every one begins with a newline's byte, the tag of its first
 * field, and a brace's follows where that field has 123 bytes: only what is no protobuf is JSON then.
 */
function looksLikeJson(value: Uint8Array): boolean {
  if (value.find((byte) => byte > 0x20) !== openingBrace) return false;
  return value[0] !== newline || decodeTraces(value).kind === "failed";
}
