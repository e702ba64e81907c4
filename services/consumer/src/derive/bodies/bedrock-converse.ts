import { countOf, type JsonObject, objectOf, objectsOf, wordOf } from "@spanhouse/schemas/json-value";
import { AnswerCollector } from "../answer.ts";
import type { TokenCounts } from "../usage.ts";
import type { BodyFormat } from "./body-reading.ts";

const events = ["messageStart", "contentBlockStart", "contentBlockDelta", "messageStop"] as const;

/**
 * Bedrock's Converse, whole or as the events that SDKs give, and Nova's InvokeModel bodies, which are alike.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export const bedrockConverse: BodyFormat = {
  recognises: (body) =>
    objectOf(objectOf(body.output)?.message) !== undefined ||
    events.some((event) => objectOf(body[event]) !== undefined),

  read(bodies) {
    const answer = new AnswerCollector();
    let stopReason: string | undefined;
    let usage: JsonObject | undefined;
    let tier: JsonObject | undefined;
    for (const body of bodies) {
      const told = objectOf(body.metadata) ?? body;
      usage = objectOf(told.usage) ?? usage;
      tier = objectOf(told.serviceTier) ?? tier;
      stopReason = wordOf(body.stopReason) ?? wordOf(objectOf(body.messageStop)?.stopReason) ?? stopReason;
      for (const block of objectsOf(objectOf(objectOf(body.output)?.message)?.content)) {
        answer.text(block.text);
        const call = objectOf(block.toolUse);
        if (call) answer.toolCall(call.toolUseId, call.name);
      }
      answer.text(objectOf(objectOf(body.contentBlockDelta)?.delta)?.text);
      const started = objectOf(objectOf(objectOf(body.contentBlockStart)?.start)?.toolUse);
      if (started) answer.toolCall(started.toolUseId, started.name);
    }
    return {
      provider: "aws.bedrock",
      serviceTier: wordOf(tier?.type),
      usage: usage && tokenCounts(usage),
      finishReasons: stopReason === undefined ? undefined : [stopReason],
      answer: answer.answer,
    };
  },
};

/** AWS counts input without what was read from or written to the cache. */
function tokenCounts(usage: JsonObject): TokenCounts {
  const hourly = objectsOf(usage.cacheDetails).filter(({ ttl }) => ttl === "1h");
  return {
    exclusiveInput: true,
    input: countOf(usage.inputTokens),
    output: countOf(usage.outputTokens),
    cacheRead: countOf(usage.cacheReadInputTokens) ?? countOf(usage.cacheReadInputTokenCount),
    cacheWrite: countOf(usage.cacheWriteInputTokens) ?? countOf(usage.cacheWriteInputTokenCount),
    units: {
      cache_write_1h_tokens:
        hourly.length === 0 ? undefined : hourly.reduce((sum, { inputTokens }) => sum + (countOf(inputTokens) ?? 0), 0),
    },
  };
}
