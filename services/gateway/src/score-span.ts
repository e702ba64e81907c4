import { createHash, randomBytes } from "node:crypto";
import type { ScoreRequest } from "@spanhouse/schemas/api/scores";
import type { AnyValue, ExportTraceServiceRequest, KeyValue } from "@spanhouse/schemas/otlp/model";

/** A score as the control span that an SDK would send (sdk/conformance/SPANS.md), and the id that it has. */
export function scoreSpan(
  score: ScoreRequest,
  givenAt: bigint,
): { readonly id: string; readonly request: ExportTraceServiceRequest } {
  const { id, value } = score;
  const spanId =
    id === undefined ? randomBytes(8).toString("hex") : createHash("sha256").update(id).digest("hex").slice(0, 16);
  const attributes: KeyValue[] = [
    text("gen_ai.evaluation.name", score.name),
    ...valueAttributes(value),
    ...(score.comment ? [text("gen_ai.evaluation.explanation", score.comment)] : []),
    ...(score.source ? [text("spanhouse.score.source", score.source)] : []),
    ...(score.user_id ? [text("user.id", score.user_id)] : []),
  ];
  const span = {
    ...{ traceId: score.trace_id, spanId, name: "spanhouse.score", kind: 1, attributes },
    ...(score.span_id === undefined ? {} : { parentSpanId: score.span_id }),
    ...{ startTimeUnixNano: givenAt, endTimeUnixNano: givenAt },
  };
  return {
    id: spanId,
    request: { resourceSpans: [{ scopeSpans: [{ scope: { name: "spanhouse" }, spans: [span] }] }] },
  };
}

/** A boolean is 0 or 1 with its word as the label; a category has a label alone. */
function valueAttributes(value: ScoreRequest["value"]): KeyValue[] {
  if (typeof value === "string") return [text("gen_ai.evaluation.score.label", value)];
  const said: AnyValue = { type: "double", value: Number(value) };
  const attribute = { key: "gen_ai.evaluation.score.value", value: said };
  return typeof value === "boolean" ? [attribute, text("gen_ai.evaluation.score.label", String(value))] : [attribute];
}

function text(key: string, value: string): KeyValue {
  return { key, value: { type: "string", value } };
}
