import { objectOf, parseJson } from "@spanhouse/schemas/json-value";
import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import { sliceLength, textOf } from "@spanhouse/schemas/slice";
import type { AttributeReader } from "../attribute-reader.ts";
import { readUsageObject } from "../bodies/usage-object.ts";
import type { TokenCounts } from "../usage.ts";
import type { DialectReader } from "./dialect-reader.ts";

/**
 * LiteLLM's own OpenTelemetry callback, of the library and of the proxy: the GenAI names, which `semconv.ts` reads,
 * without the cache; the whole usage stands beside them as Python writes a dictionary, in OpenAI's terms for every
 * provider. https://github.com/BerriAI/litellm, litellm/integrations/opentelemetry.py
 */
const key = {
  callId: keyId("litellm.call_id"),
  operation: keyId("gen_ai.operation.name"),
  responseId: keyId("gen_ai.response.id"),
  usage: keyId("metadata.usage_object"),
  user: keyId("llm.user"),
  endUser: keyId("metadata.user_api_key_end_user_id"),
  sessionId: keyId("metadata.session_id"),
} as const;

export const litellm: DialectReader = {
  name: "litellm",

  claims: (attributes) => attributes.has(key.callId),

  read(attributes) {
    return {
      // Beside it `llm.request.type` calls every chat a completion.
      operation: attributes.text(key.operation),
      // Where the provider gave none, it is LiteLLM's own id of the call.
      responseId: attributes.text(key.responseId) === attributes.text(key.callId) ? "" : undefined,
      usage: readTokens(attributes),
      userId: attributes.text(key.user, key.endUser),
      conversationId: attributes.text(key.sessionId),
    };
  },
};

const parsedBytesLimit = 8192;

/** Names and numbers alone: what else a dictionary may hold is not read. */
const plainDictionary = /^[\w\s'{}:,.-]*$/;

function readTokens(attributes: AttributeReader): TokenCounts | undefined {
  const told = attributes.content(key.usage);
  if (told === undefined || sliceLength(told) > parsedBytesLimit) return undefined;
  const text = textOf(told);
  if (!plainDictionary.test(text)) return undefined;
  const usage = objectOf(parseJson(text.replaceAll("'", '"').replaceAll(/\bNone\b/g, "null")));
  return usage && readUsageObject(usage);
}
