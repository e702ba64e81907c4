import { countOf, type JsonObject, objectOf, objectsOf, wordOf } from "@spanhouse/schemas/json-value";
import { AnswerCollector } from "../answer.ts";
import type { TokenCounts } from "../usage.ts";
import type { BodyReading } from "./body-reading.ts";

const eventTypes: ReadonlySet<unknown> = new Set([
  "message_start",
  "content_block_start",
  "content_block_delta",
  "content_block_stop",
  "message_delta",
  "message_stop",
]);

/** https://docs.anthropic.com/en/api/messages and its streaming events. */
export function isAnthropicMessage(body: JsonObject): boolean {
  return body.type === "message" || eventTypes.has(body.type);
}

/**
 * A message, or its streaming events. In a stream the output tokens of `message_start` are provisional: only
 * `message_delta` says them, so that a cut stream has none.
 */
export function readAnthropicMessage(bodies: readonly JsonObject[]): BodyReading {
  const answer = new AnswerCollector();
  let message: JsonObject = {};
  let ending: JsonObject = {};
  let usage: JsonObject | undefined;

  const readBlock = (block: JsonObject) => {
    if (block.type === "tool_use") answer.toolCall(block.id, block.name);
    if (block.type === "text") answer.text(block.text);
  };

  for (const body of bodies) {
    switch (body.type) {
      case "message":
        message = body;
        ending = body;
        usage = objectOf(body.usage);
        for (const block of objectsOf(body.content)) readBlock(block);
        break;
      case "message_start":
        message = objectOf(body.message) ?? message;
        usage = { ...objectOf(message.usage), output_tokens: undefined };
        break;
      case "content_block_start":
        readBlock(objectOf(body.content_block) ?? {});
        break;
      case "content_block_delta": {
        const delta = objectOf(body.delta);
        if (delta?.type === "text_delta") answer.text(delta.text);
        break;
      }
      case "message_delta":
        ending = { ...ending, ...objectOf(body.delta) };
        usage = { ...usage, ...saidIn(objectOf(body.usage)) };
        break;
    }
  }

  const stopReason = wordOf(ending.stop_reason);
  const details = objectOf(ending.stop_details);
  return {
    provider: "anthropic",
    responseId: wordOf(message.id),
    responseModel: wordOf(message.model),
    serviceTier: usage && serviceTierOf(usage),
    usage: usage && tokenCounts(usage),
    finishReasons: stopReason === undefined ? undefined : [stopReason],
    answer: answer.answer,
    refusal: stopReason === "refusal" ? { text: wordOf(details?.explanation) ?? answer.answer.start } : undefined,
  };
}

/** Where it ran and how fast are paid for like a tier, and named beside it: `standard+us`, `batch+fast`. */
function serviceTierOf(usage: JsonObject): string | undefined {
  const geo = wordOf(usage.inference_geo);
  const speed = wordOf(usage.speed);
  const extras = [
    ...(geo === undefined || geo === "global" || geo === "not_available" ? [] : [geo]),
    ...(speed === undefined || speed === "standard" ? [] : [speed]),
  ];
  const tier = wordOf(usage.service_tier);
  return extras.length === 0 ? tier : [tier ?? "standard", ...extras].join("+");
}

/** A delta's usage repeats only some counts, others as null. */
function saidIn(usage: JsonObject = {}): JsonObject {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));
}

function tokenCounts(usage: JsonObject): TokenCounts {
  const written = objectOf(usage.cache_creation);
  return {
    exclusiveInput: true,
    input: countOf(usage.input_tokens),
    output: countOf(usage.output_tokens),
    cacheRead: countOf(usage.cache_read_input_tokens),
    cacheWrite: countOf(usage.cache_creation_input_tokens),
    reasoning: countOf(objectOf(usage.output_tokens_details)?.thinking_tokens),
    units: {
      cache_write_1h_tokens: countOf(written?.ephemeral_1h_input_tokens),
      web_searches: countOf(objectOf(usage.server_tool_use)?.web_search_requests),
    },
  };
}
