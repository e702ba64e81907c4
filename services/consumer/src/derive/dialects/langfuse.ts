import { countOf, type JsonObject, objectOf, parseJson } from "@spanhouse/schemas/json-value";
import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import { type Slice, sliceLength, textOf } from "@spanhouse/schemas/slice";
import type { AttributeReader } from "../attribute-reader.ts";
import { readUsageObject } from "../bodies/usage-object.ts";
import type { TokenCounts } from "../usage.ts";
import type { DialectReader, DialectReading } from "./dialect-reader.ts";
import { answerOf } from "./message-answer.ts";

/**
 * Langfuse's SDKs since they are built on OpenTelemetry (JavaScript 4, Python 3).
 * https://github.com/langfuse/langfuse-js, packages/core/src/constants.ts, packages/openai/src/parseOpenAI.ts
 */
const key = {
  type: keyId("langfuse.observation.type"),
  input: keyId("langfuse.observation.input"),
  output: keyId("langfuse.observation.output"),
  model: keyId("langfuse.observation.model.name"),
  usage: keyId("langfuse.observation.usage_details"),
  level: keyId("langfuse.observation.level"),
  statusMessage: keyId("langfuse.observation.status_message"),
  completionStart: keyId("langfuse.observation.completion_start_time"),
  // What LangChain calls its provider and its callback's users call theirs: JSON, so in quotes.
  provider: keyId("langfuse.observation.metadata.ls_provider"),
  userId: keyId("langfuse.observation.metadata.langfuse_user_id"),
  sessionId: keyId("langfuse.observation.metadata.langfuse_session_id"),
} as const;

const operationByType: ReadonlyMap<string, string> = new Map([
  ["embedding", "embeddings"],
  ["agent", "invoke_agent"],
  ["chain", "invoke_workflow"],
  ["tool", "execute_tool"],
  ["retriever", "retrieval"],
]);

/** Observations are named after the client's class: `OpenAI.chat`, `AzureOpenAI.embeddings`, `OpenAI-generation` in Python. */
const providerByClient: ReadonlyMap<string, string> = new Map([
  ["OpenAI", "openai"],
  ["AzureOpenAI", "azure.ai.openai"],
]);

export const langfuse: DialectReader = {
  name: "langfuse",

  claims: (attributes) => attributes.has(key.type),

  read(attributes, span) {
    const type = attributes.text(key.type) ?? "";
    const input = attributes.content(key.input);
    const output = attributes.content(key.output);
    const isTool = type === "tool";
    const isGeneration = type === "generation";
    const model = attributes.text(key.model);
    const said = isGeneration && output ? answerOf(output) : undefined;
    return {
      operation: isGeneration ? generationOf(span) : (operationByType.get(type) ?? type),
      provider: unquoted(attributes.text(key.provider)) ?? providerByClient.get(span.name.split(/[.-]/)[0]!),
      requestModel: model,
      responseModel: model,
      toolName: isTool ? span.name : undefined,
      agentName: type === "agent" ? span.name : undefined,
      usage: readTokens(attributes.content(key.usage)),
      timeToFirstChunkUs: firstChunk(unquoted(attributes.text(key.completionStart)), span),
      answer: said?.answer,
      refusal: said?.refusal,
      finishReasons: said?.finishReasons,
      error: errorOf(attributes),
      userId: unquoted(attributes.text(key.userId)),
      conversationId: unquoted(attributes.text(key.sessionId)),
      request: isTool ? undefined : input,
      response: isTool || type === "retriever" ? undefined : output,
      toolArguments: isTool ? input : undefined,
      toolResult: isTool ? output : undefined,
      documents: type === "retriever" ? output : undefined,
    };
  },
};

function unquoted(json: string | undefined): string | undefined {
  return json?.replaceAll('"', "");
}

/** `observeOpenAI` calls embeddings generations too. */
function generationOf({ name }: DecodedSpan): string {
  return /embedding/i.test(name) ? "embeddings" : "chat";
}

/** A usage of some dozen counts; more is none. */
const parsedBytesLimit = 8192;

function readTokens(json: Slice | undefined): TokenCounts | undefined {
  const told = json && sliceLength(json) <= parsedBytesLimit ? objectOf(parseJson(textOf(json))) : undefined;
  if (told === undefined) return undefined;
  // Python passes OpenAI's own on.
  if (objectOf(told.prompt_tokens_details) ?? objectOf(told.input_tokens_details)) return readUsageObject(told);
  const count = (...names: readonly string[]) =>
    countOf(names.map((name) => told[name]).find((said) => said !== undefined));
  const input = count("input", "prompt_tokens", "promptTokens", "input_tokens");
  const output = count("output", "completion_tokens", "completionTokens", "output_tokens");
  if (input === undefined && output === undefined) return undefined;
  // Langfuse adds its counts up: `input` is what none of the `input_…` is. Whoever sends inclusive ones has a total that
  // is the sum of input and output alone.
  const isSum = (input ?? 0) + (output ?? 0) === count("total", "total_tokens", "totalTokens");
  const cacheRead = count("input_cached_tokens", "input_cache_read", "cache_read_input_tokens");
  const cacheWrite = count("input_cache_write_tokens", "input_cache_creation", "cache_creation_input_tokens");
  return {
    input: isSum ? input : plus(input, told, isInputPart),
    output: isSum ? output : plus(output, told, isOutputPart),
    cacheRead,
    cacheWrite,
    reasoning: count("output_reasoning_tokens", "output_reasoning"),
    units: {
      input_audio_tokens: count("input_audio_tokens"),
      output_audio_tokens: count("output_audio_tokens"),
    },
  };
}

const isInputPart = (name: string) =>
  (name.startsWith("input_") || name.endsWith("_input_tokens")) && name !== "input_tokens";
const isOutputPart = (name: string) => name.startsWith("output_") && name !== "output_tokens";

function plus(count: number | undefined, told: JsonObject, isPart: (name: string) => boolean): number | undefined {
  if (count === undefined) return undefined;
  let sum = count;
  for (const [name, value] of Object.entries(told)) if (isPart(name)) sum += countOf(value) ?? 0;
  return sum;
}

/** The status of the span stays unset: `Error: 429 Rate limit reached …` is all that is told. */
function errorOf(attributes: AttributeReader): DialectReading["error"] {
  if (attributes.text(key.level) !== "ERROR") return undefined;
  const message = attributes.text(key.statusMessage) ?? "";
  const [, type = "Error", words = message] = /^(\w*Error): (.*)$/s.exec(message) ?? [];
  return { type, message: words };
}

const aDayUs = 86_400e6;

/** An ISO time. */
function firstChunk(time: string | undefined, { startTimeUnixNano }: DecodedSpan): number | undefined {
  const at = time === undefined ? Number.NaN : Date.parse(time);
  const us = at * 1e3 - Number(startTimeUnixNano / 1000n);
  return us > 0 && us < aDayUs ? us : undefined;
}
