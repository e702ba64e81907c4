import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import type { AttributeReader } from "../attribute-reader.ts";
import type { TokenCounts } from "../usage.ts";
import type { DialectReader } from "./dialect-reader.ts";

/**
 * Strands Agents, as Bedrock AgentCore runs them too: the GenAI names, which `semconv.ts` reads, with meanings of its own.
 * It calls itself the system, and gives the time to the first token in milliseconds.
 * https://github.com/strands-agents/sdk-python, src/strands/telemetry/tracer.py
 */
const key = {
  operation: keyId("gen_ai.operation.name"),
  timeToFirstToken: keyId("gen_ai.server.time_to_first_token"),
  input: keyId("gen_ai.usage.input_tokens"),
  output: keyId("gen_ai.usage.output_tokens"),
  total: keyId("gen_ai.usage.total_tokens"),
  cacheRead: keyId("gen_ai.usage.cache_read_input_tokens"),
  cacheWrite: keyId("gen_ai.usage.cache_write_input_tokens"),
} as const;

const scope = "strands.telemetry.tracer";

export const strands: DialectReader = {
  name: "strands",

  claims: (_attributes, span) => span.scope.name === scope,

  read(attributes) {
    const milliseconds = attributes.number(key.timeToFirstToken) ?? 0;
    return {
      operation: attributes.text(key.operation) === "execute_event_loop_cycle" ? "task" : undefined,
      provider: "",
      usage: readTokens(attributes),
      timeToFirstChunkUs: Math.round(milliseconds * 1000),
    };
  },
};

/** Input without the cache where the model is Anthropic's or Bedrock's, with it where it is OpenAI's: the total tells. */
function readTokens(attributes: AttributeReader): TokenCounts | undefined {
  const input = attributes.count(key.input);
  const output = attributes.count(key.output);
  if (input === undefined && output === undefined) return undefined;
  const cacheRead = attributes.count(key.cacheRead);
  const cacheWrite = attributes.count(key.cacheWrite);
  const cached = (cacheRead ?? 0) + (cacheWrite ?? 0);
  const sum = (input ?? 0) + (output ?? 0) + cached;
  return { input, output, cacheRead, cacheWrite, exclusiveInput: cached > 0 && attributes.count(key.total) === sum };
}
