import { countOf, type JsonObject, objectOf, objectsOf, wordOf } from "@spanhouse/schemas/json-value";
import { AnswerCollector } from "../answer.ts";
import type { TokenCounts } from "../usage.ts";
import type { BodyReading } from "./body-reading.ts";

/** https://platform.openai.com/docs/api-reference/responses/object and its streaming events. */
export function isOpenaiResponse(body: JsonObject): boolean {
  return body.object === "response" || (typeof body.type === "string" && body.type.startsWith("response."));
}

/**
 * A response, or its streaming events: the last event that carries the whole response says everything; where the stream
 * was cut before, the deltas say what was answered so far.
 */
export function readOpenaiResponse(bodies: readonly JsonObject[]): BodyReading {
  let response: JsonObject = {};
  const streamed = new AnswerCollector();
  let refused = false;
  let refusal = "";
  for (const body of bodies) {
    response = objectOf(body.response) ?? (body.object === "response" ? body : response);
    if (body.type === "response.output_text.delta") streamed.text(body.delta);
    const added = body.type === "response.output_item.added" ? objectOf(body.item) : undefined;
    if (added?.type === "function_call" || added?.type === "custom_tool_call") {
      streamed.toolCall(added.call_id, added.name);
    }
    if (body.type === "response.refusal.delta") {
      refused = true;
      refusal += wordOf(body.delta) ?? "";
    }
  }

  const whole = new AnswerCollector();
  let webSearches = 0;
  let fileSearches = 0;
  const containers = new Set<unknown>();
  for (const item of objectsOf(response.output)) {
    if (item.type === "function_call" || item.type === "custom_tool_call") whole.toolCall(item.call_id, item.name);
    if (item.type === "code_interpreter_call") containers.add(item.container_id);
    if (item.type === "web_search_call" && (objectOf(item.action)?.type ?? "search") === "search") webSearches++;
    if (item.type === "file_search_call") fileSearches++;
    for (const part of objectsOf(item.content)) {
      if (part.type === "output_text") whole.text(part.text);
      if (part.type === "refusal") {
        refused = true;
        refusal = wordOf(part.refusal) ?? refusal;
      }
    }
  }

  const usage = objectOf(response.usage);
  const error = objectOf(response.error);
  return {
    responseId: wordOf(response.id),
    responseModel: wordOf(response.model),
    serviceTier: wordOf(response.service_tier),
    usage:
      usage &&
      tokenCounts(usage, {
        web_searches: webSearches,
        storage_searches: fileSearches,
        container_sessions: containers.size,
      }),
    finishReasons: finishReasonsOf(response),
    answer: whole.answer.length > 0 || whole.hasToolCalls ? whole.answer : streamed.answer,
    refusal: refused ? { text: refusal } : undefined,
    error: error && { type: wordOf(error.code) ?? "", message: wordOf(error.message) ?? "" },
  };
}

/** Responses have a status and, where incomplete, a reason, instead of a finish reason. A running one has none. */
function finishReasonsOf(response: JsonObject): readonly string[] | undefined {
  const reason = wordOf(objectOf(response.incomplete_details)?.reason);
  const status = wordOf(response.status);
  if (reason !== undefined) return [reason];
  return status === undefined || status === "in_progress" || status === "queued" ? undefined : [status];
}

function tokenCounts(usage: JsonObject, units: TokenCounts["units"]): TokenCounts {
  const input = objectOf(usage.input_tokens_details) ?? {};
  const output = objectOf(usage.output_tokens_details) ?? {};
  return {
    input: countOf(usage.input_tokens),
    output: countOf(usage.output_tokens),
    cacheRead: countOf(input.cached_tokens),
    cacheWrite: countOf(input.cache_write_tokens),
    reasoning: countOf(output.reasoning_tokens),
    units,
  };
}
