import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { AnyValue, ExportTraceServiceRequest, KeyValue, Span } from "@spanhouse/schemas/otlp/model";
import type { ReplayRun } from "./replay-run.ts";

/** A gateway, and a key of scope ingest. */
export interface Gateway {
  readonly url: string;
  readonly apiKey: string;
  /** Where the viewer is; undefined: not known. */
  readonly viewerUrl: string | undefined;
}

const environmentKey = "deployment.environment.name";
const tagsKey = "spanhouse.tags";
/** The viewer leads by it from a trace to its replays, and from those back. */
const replayTag = "replay_of:";

/**
 * The spans of a run as they go to a deployment: in the environment `replay`, its roots naming the recorded trace, also by
 * a tag that replays are found by, and its calls marked where no provider was asked, so that a replay spends nothing.
 */
function linkedSpans({ requests, answered, recorded }: ReplayRun): ExportTraceServiceRequest {
  const resourceSpans = requests.flatMap((request) => request.resourceSpans);
  const linked = (span: Span): Span => {
    const by = answered.get(span.spanId ?? "")?.by;
    const isRoot = (span.parentSpanId ?? "") === "";
    const own = (span.attributes ?? []).filter(({ key }) => !(isRoot && key === tagsKey));
    const said: KeyValue[] = [
      ...(by === undefined ? [] : [attribute("spanhouse.replay.by", by)]),
      ...(by === "recording" || by === "nearest" || by === "nothing"
        ? [attribute("spanhouse.replay.answered", true)]
        : []),
      ...(isRoot ? [attribute("spanhouse.replay.of", recorded.traceId), tagged(span, recorded.traceId)] : []),
    ];
    if (said.length === 0) return span;
    return { ...span, attributes: [...own, ...said] };
  };
  return {
    resourceSpans: resourceSpans.map(({ resource, scopeSpans, ...rest }) => ({
      ...rest,
      resource: {
        attributes: [
          ...(resource?.attributes ?? []).filter(({ key }) => key !== environmentKey),
          attribute(environmentKey, "replay"),
        ],
      },
      scopeSpans: scopeSpans.map((scope) => ({ ...scope, spans: scope.spans.map(linked) })),
    })),
  };
}

/** The root's tags with one more. */
function tagged({ attributes = [] }: Span, traceId: string): KeyValue {
  const tags = attributes.find(({ key }) => key === tagsKey)?.value;
  const known = tags?.type === "array" ? tags.value : [];
  return {
    key: tagsKey,
    value: { type: "array", value: [...known, { type: "string", value: `${replayTag}${traceId}` }] },
  };
}

function attribute(key: string, value: string | boolean): KeyValue {
  const typed: AnyValue = typeof value === "string" ? { type: "string", value } : { type: "bool", value };
  return { key, value: typed };
}

export type SendOutcome = { readonly kind: "sent" } | { readonly kind: "refused"; readonly reason: string };

/** Whether the deployment has the new run; a replay is none the worse where it has not. */
export async function sendOn(run: ReplayRun, { url, apiKey }: Gateway): Promise<SendOutcome> {
  try {
    const response = await fetch(`${url.replace(/\/+$/, "")}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf", authorization: `Bearer ${apiKey}` },
      body: encodeTraces(linkedSpans(run)) as Uint8Array<ArrayBuffer>,
      signal: AbortSignal.timeout(30_000),
    });
    if (response.ok) return { kind: "sent" };
    return { kind: "refused", reason: `${url} answered ${response.status}: ${(await response.text()).slice(0, 200)}` };
  } catch (error) {
    return {
      kind: "refused",
      reason: `${url} does not answer: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
