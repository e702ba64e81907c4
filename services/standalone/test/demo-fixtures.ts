import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { RecordedRequest } from "@spanhouse/conformance/recording";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { decodeJson } from "@spanhouse/schemas/otlp/json";
import type { ExportTraceServiceRequest, Span } from "@spanhouse/schemas/otlp/model";
import { toModel } from "@spanhouse/schemas/otlp/to-model";

/** A recorded conversation as a trace that nobody has sent yet, and what the provider served in it. */
export interface RecordedTrace {
  readonly name: string;
  readonly traceId: string;
  readonly request: ExportTraceServiceRequest;
  readonly truth: readonly RecordedRequest[];
}

const folder = new URL("./demo/fixtures/", import.meta.url);

/** Every recorded conversation, each time under new trace ids. */
export function recordedTraces(): RecordedTrace[] {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const traceId = randomBytes(16).toString("hex");
      const read = (file: string) => readFileSync(new URL(`./${name}/${file}`, folder), "utf8");
      const json = decodeJson(
        Buffer.from(read("otlp.json").replaceAll(/"traceId": "\w{32}"/g, `"traceId": "${traceId}"`)),
      );
      if (json.kind === "failed") throw new Error(json.message);
      const decoded = decodeTraces(json.protobuf);
      if (decoded.kind === "failed") throw new Error(decoded.message);
      return { name, traceId, request: toModel(decoded.traces), truth: JSON.parse(read("truth.json")) };
    });
}

/** As a Collector's batch processor cuts: requests into one, and one into parts between spans, traces regardless. */
export function rebatched(requests: readonly ExportTraceServiceRequest[], parts: number): ExportTraceServiceRequest[] {
  const keep = (part: number) => {
    let n = 0;
    return (_: Span) => n++ % parts === part;
  };
  return Array.from({ length: parts }, (_, part) => {
    const mine = keep(part);
    return {
      resourceSpans: requests.flatMap(({ resourceSpans }) =>
        resourceSpans.map((resource) => ({
          ...resource,
          scopeSpans: resource.scopeSpans.map((scope) => ({ ...scope, spans: scope.spans.filter(mine) })),
        })),
      ),
    };
  });
}
