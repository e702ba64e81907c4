import type { Span } from "../span.ts";
import { type Json, numberOf, objectOf, objectsOf, wordOf } from "./json.ts";
import { failByEvent } from "./openai-chat.ts";
import type { ProviderApi } from "./provider-api.ts";
import { setParameters, setServiceTier } from "./request-parameters.ts";
import { first } from "./stream-text.ts";
import { setUsage } from "./usage.ts";

/** OpenAI's Responses. A stream's last event repeats the whole response. */
export const openaiResponses: ProviderApi = {
  name: "openai.responses",
  operation: "chat",

  request(body, span) {
    setParameters(span, body);
    setServiceTier(span, "request", body.service_tier);
    const format = objectOf(objectOf(body.text)?.format)?.type;
    if (format === "json_schema" || format === "json_object") span.set("gen_ai.output.type", "json");
  },

  answer: setResponse,

  stream(stream, span) {
    const ending = first(stream.matching(/"type": ?"response\.(?:completed|incomplete|failed)"/g));
    const response = objectOf((ending ?? first(stream.events()))?.response);
    if (response !== undefined) setResponse(response, span);
    if (ending === undefined) {
      let refusal: string | undefined;
      for (const event of stream.matching(/"type": ?"response\.refusal\.delta"/g)) {
        refusal = (refusal ?? "") + (wordOf(event.delta) ?? "");
      }
      if (refusal !== undefined) span.set("spanhouse.refusal", refusal);
      const error = first(stream.matching(/"type": ?"error"/g));
      if (error !== undefined) failByEvent(error, span);
    }
    return ending !== undefined;
  },
};

function setResponse(response: Json, span: Span): void {
  span.set("gen_ai.response.id", wordOf(response.id));
  span.set("gen_ai.response.model", wordOf(response.model));
  setServiceTier(span, "response", response.service_tier);
  // A response has a status and, where it is incomplete, a reason; a running one has neither.
  const status = wordOf(response.status);
  const reason = wordOf(objectOf(response.incomplete_details)?.reason) ?? status;
  if (reason !== undefined && reason !== "in_progress" && reason !== "queued") {
    span.set("gen_ai.response.finish_reasons", [reason]);
  }
  const usage = objectOf(response.usage);
  if (usage !== undefined) {
    const input = objectOf(usage.input_tokens_details);
    setUsage(span, {
      input: usage.input_tokens,
      output: usage.output_tokens,
      cacheRead: numberOf(input?.cached_tokens),
      cacheWrite: input?.cache_write_tokens,
      reasoning: objectOf(usage.output_tokens_details)?.reasoning_tokens,
    });
  }
  for (const item of objectsOf(response.output)) {
    const refusal = objectsOf(item.content).find((part) => part.type === "refusal");
    if (refusal === undefined) continue;
    span.set("spanhouse.refusal", wordOf(refusal.refusal) ?? "");
    break;
  }
  if (objectOf(response.error) !== undefined) failByEvent(response, span);
}
