import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import type { AttributeReader } from "../attribute-reader.ts";
import { readUsageObject } from "../bodies/usage-object.ts";
import type { DialectReader } from "./dialect-reader.ts";
import { shortJson } from "./short-json.ts";

/**
 * Pydantic Logfire's spans of the clients of OpenAI and Anthropic: the GenAI names, which `semconv.ts` reads, with the
 * provider's own usage beside them. Its streams have two spans: the request, which ends before anything was answered, and
 * a log at the end of the stream, which tells of the call.
 * https://github.com/pydantic/logfire, logfire/_internal/integrations/llm_providers
 */
const key = {
  template: keyId("logfire.msg_template"),
  spanType: keyId("logfire.span_type"),
  requestData: keyId("request_data"),
  responseData: keyId("response_data"),
  rawUsage: keyId("gen_ai.usage.raw"),
  outputMessages: keyId("gen_ai.output.messages"),
  inputTokens: keyId("gen_ai.usage.input_tokens"),
} as const;

const statusError = 2;

export const logfire: DialectReader = {
  name: "logfire",

  claims: (attributes) => attributes.has(key.requestData) && attributes.has(key.template),

  read(attributes, span) {
    const usage = shortJson(attributes, key.rawUsage);
    const opensStream =
      attributes.text(key.spanType) === "span" && span.statusCode !== statusError && !tellsAnswer(attributes);
    return {
      operation: opensStream ? "open_stream" : undefined,
      usage: usage && readUsageObject(usage),
    };
  },
};

const answers = [key.rawUsage, key.inputTokens, key.outputMessages, key.responseData] as const;

function tellsAnswer(attributes: AttributeReader): boolean {
  return answers.some((name) => attributes.has(name));
}
