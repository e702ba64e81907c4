import type { Span } from "../span.ts";
import { type Json, numberOf, objectOf, objectsOf, wordOf } from "./json.ts";
import { failByEvent } from "./openai-chat.ts";
import type { ProviderApi } from "./provider-api.ts";
import { setParameters } from "./request-parameters.ts";
import { first } from "./stream-text.ts";
import { setUsage } from "./usage.ts";

/** Anthropic's Messages. Its input tokens leave the cache out: the three counts are added up. */
export const anthropicMessages: ProviderApi = {
  name: "anthropic.messages",
  operation: "chat",

  request(body, span) {
    setParameters(span, body);
    const format = objectOf(body.output_format) ?? objectOf(objectOf(body.output_config)?.format);
    if (format?.type === "json_schema") span.set("gen_ai.output.type", "json");
  },

  answer(body, span) {
    setHead(body, span);
    setTokens(objectOf(body.usage), span);
    setEnding(body, () => textIn(body), span);
  },

  stream(stream, span) {
    const message = objectOf(first(stream.matching(/"type": ?"message_start"/g))?.message) ?? {};
    const delta = first(stream.backward('"message_delta"'));
    setHead(message, span);
    // The output tokens of the start are provisional; a delta's usage repeats only some counts, others as null.
    const said = Object.entries(objectOf(delta?.usage) ?? {}).filter(([, value]) => value !== null);
    setTokens({ ...objectOf(message.usage), output_tokens: undefined, ...Object.fromEntries(said) }, span);
    const ending = objectOf(delta?.delta);
    if (ending !== undefined) {
      const text = () =>
        [...stream.matching(/"type": ?"text_delta"/g)]
          .map((event) => wordOf(objectOf(event.delta)?.text) ?? "")
          .join("");
      setEnding(ending, text, span);
    }
    const error = first(stream.matching(/"type": ?"error"/g));
    if (error !== undefined) failByEvent(error, span);
    return stream.has('"message_stop"');
  },
};

const setHead = (message: Json, span: Span): void => {
  span.set("gen_ai.response.id", wordOf(message.id));
  span.set("gen_ai.response.model", wordOf(message.model));
};

const setEnding = (ending: Json, text: () => string, span: Span): void => {
  const reason = wordOf(ending.stop_reason);
  if (reason === undefined) return;
  span.set("gen_ai.response.finish_reasons", [reason]);
  if (reason !== "refusal") return;
  span.set("spanhouse.refusal", wordOf(objectOf(ending.stop_details)?.explanation) ?? text());
};

const textIn = (message: Json): string =>
  objectsOf(message.content)
    .map((block) => wordOf(block.text) ?? "")
    .join("");

const setTokens = (usage: Json | undefined, span: Span): void => {
  if (usage === undefined) return;
  const uncached = numberOf(usage.input_tokens);
  const cacheRead = numberOf(usage.cache_read_input_tokens);
  const cacheWrite = numberOf(usage.cache_creation_input_tokens);
  setUsage(span, {
    input: uncached === undefined ? undefined : uncached + (cacheRead ?? 0) + (cacheWrite ?? 0),
    output: usage.output_tokens,
    cacheRead,
    cacheWrite,
    reasoning: objectOf(usage.output_tokens_details)?.thinking_tokens,
  });
};
