import type { JsonObject } from "@spanhouse/schemas/json-value";
import type { TokenCounts } from "../usage.ts";
import { readAnthropicMessage } from "./anthropic-messages.ts";
import { readOpenaiChat } from "./openai-chat.ts";
import { readOpenaiResponse } from "./openai-responses.ts";

/**
 * A provider's own `usage` object that an instrumentation passes on without the body around it: OpenAI's of chat and
 * embeddings, Anthropic's (which alone counts the cache beside the input), OpenAI's of responses.
 */
export function readUsageObject(usage: JsonObject): TokenCounts | undefined {
  if (usage.prompt_tokens !== undefined) return readOpenaiChat([{ choices: [], usage }]).usage;
  if (usage.input_tokens === undefined) return undefined;
  return usage.cache_read_input_tokens !== undefined || usage.cache_creation_input_tokens !== undefined
    ? readAnthropicMessage([{ type: "message", usage }]).usage
    : readOpenaiResponse([{ object: "response", usage }]).usage;
}
