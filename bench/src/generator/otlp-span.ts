import type { AnyValue, Event, KeyValue, Span } from "@spanhouse/schemas/otlp/model";
import type { PlannedSpan } from "./planned-span.ts";
import type { Service } from "./services.ts";

type Values = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

const otlpKind = { internal: 1, server: 2, client: 3 } as const;

/** The span as an instrumentation of today's semantic conventions emits it; our own attributes where those have none. */
export function otlpSpan(planned: PlannedSpan): Span {
  const { ending, traceId, spanId, parentSpanId, name, role, startUs, endUs, operation } = planned;
  return {
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    name,
    kind: role === "call" ? otlpKind.client : operation === "" ? otlpKind.server : otlpKind.internal,
    startTimeUnixNano: BigInt(startUs) * 1000n,
    endTimeUnixNano: BigInt(endUs) * 1000n,
    attributes: [requestOf, answerOf, contextOf, textsOf].flatMap((part) => attributesOf(part(planned))),
    ...(ending.error && {
      status: { code: 2, message: ending.error.message },
      events: [exceptionOf(ending.error, endUs)],
    }),
  };
}

function requestOf({ operation, model, agentName, tool, startUs }: PlannedSpan): Values {
  if (operation === "") return { "http.request.method": "POST", "url.path": "/v1/chat", "server.port": 8080 };
  return {
    "gen_ai.operation.name": operation,
    "gen_ai.provider.name": model?.provider,
    "gen_ai.request.model": model?.requestModel,
    "gen_ai.request.temperature": operation === "chat" ? 0.2 + (startUs % 8) / 10 : undefined,
    "gen_ai.request.max_tokens": operation === "chat" ? 4_096 : undefined,
    "server.address": model && `api.${model.provider}.com`,
    "gen_ai.agent.name": agentName,
    "gen_ai.tool.name": tool?.name,
    "gen_ai.tool.call.id": tool?.callId,
    "gen_ai.tool.type": tool && "function",
  };
}

function answerOf({ model, namesResponseModel, responseId, ending, usage, attempt, earlier }: PlannedSpan): Values {
  const reason = ending.finishReason && (model?.provider === "anthropic" ? "anthropic" : "openai");
  return {
    "gen_ai.response.model": namesResponseModel ? model?.responseModel : undefined,
    "gen_ai.response.id": responseId,
    "gen_ai.response.finish_reasons": reason && [ending.finishReason![reason]],
    "gen_ai.usage.input_tokens": usage?.input,
    "gen_ai.usage.output_tokens": usage && (usage.output > 0 ? usage.output : undefined),
    "gen_ai.usage.cache_read.input_tokens": usage?.cacheRead || undefined,
    "gen_ai.usage.cache_creation.input_tokens": usage?.cacheWrite || undefined,
    "gen_ai.usage.reasoning.output_tokens": usage?.reasoning || undefined,
    "spanhouse.refusal": ending.refusalText,
    "spanhouse.revision": earlier && 1,
    "error.type": ending.error?.type,
    "http.response.status_code": ending.error?.status,
    // SDKs count tries from 1, HTTP clients count resends.
    ...(attempt > 1 &&
      (attempt === 2 ? { "spanhouse.attempt": attempt } : { "http.request.resend_count": attempt - 1 })),
  };
}

function contextOf({ userId, conversationId, feature, prompt }: PlannedSpan): Values {
  return {
    "user.id": userId,
    "gen_ai.conversation.id": conversationId,
    "spanhouse.feature": feature,
    "gen_ai.prompt.name": prompt?.name,
    "gen_ai.prompt.version": prompt?.version,
  };
}

function textsOf({ texts }: PlannedSpan): Values {
  return {
    "gen_ai.input.messages": texts.input,
    "gen_ai.output.messages": texts.output,
    "gen_ai.tool.call.arguments": texts.arguments,
    "gen_ai.tool.call.result": texts.result,
    "gen_ai.retrieval.documents": texts.documents,
  };
}

function exceptionOf({ type, message }: { readonly type: string; readonly message: string }, endUs: number): Event {
  return {
    timeUnixNano: BigInt(endUs) * 1000n,
    name: "exception",
    attributes: attributesOf({ "exception.type": type, "exception.message": message }),
  };
}

export function resourceAttributes(service: Service): KeyValue[] {
  return attributesOf({
    "service.name": service.name,
    "service.version": service.release,
    "deployment.environment.name": service.environment,
    "cloud.region": service.region,
    "host.name": service.host,
    "telemetry.sdk.language": "python",
    "telemetry.sdk.version": "1.39.0",
    "spanhouse.team": service.team || undefined,
    "spanhouse.cost_centre": service.costCentre || undefined,
  });
}

function attributesOf(values: Values): KeyValue[] {
  const attributes: KeyValue[] = [];
  for (const key in values) {
    const value = values[key];
    if (value !== undefined) attributes.push({ key, value: anyValue(value) });
  }
  return attributes;
}

function anyValue(value: string | number | boolean | readonly string[]): AnyValue {
  if (typeof value === "string") return { type: "string", value };
  if (typeof value === "boolean") return { type: "bool", value };
  if (typeof value === "number") {
    return Number.isInteger(value) ? { type: "int", value: BigInt(value) } : { type: "double", value };
  }
  return { type: "array", value: value.map((entry) => ({ type: "string", value: entry })) };
}
