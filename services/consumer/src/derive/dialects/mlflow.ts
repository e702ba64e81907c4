import { countOf, objectOf, parseJson, wordOf } from "@spanhouse/schemas/json-value";
import type { KeyId } from "@spanhouse/schemas/otlp/attributes";
import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import type { AttributeReader } from "../attribute-reader.ts";
import type { TokenCounts } from "../usage.ts";
import type { DialectReader } from "./dialect-reader.ts";
import { shortJson } from "./short-json.ts";

/**
 * MLflow Tracing, autologging and decorators alike: every attribute is JSON, words in quotes too; the inputs of a model's
 * span are the request's parameters and the outputs the client's answer, as JSON.
 * https://github.com/mlflow/mlflow, mlflow/tracing/constant.py (`SpanAttributeKey`) and mlflow/entities/span.py (`SpanType`)
 */
const key = {
  kind: keyId("mlflow.spanType"),
  inputs: keyId("mlflow.spanInputs"),
  outputs: keyId("mlflow.spanOutputs"),
  /** Which client's words they are, such as `openai` or `bedrock`. */
  format: keyId("mlflow.message.format"),
  provider: keyId("mlflow.llm.provider"),
  /** The model that answered; before it did, the one that was asked for. */
  model: keyId("mlflow.llm.model"),
  requestModel: keyId("model"),
  usage: keyId("mlflow.chat.tokenUsage"),
} as const;

const operationByKind: ReadonlyMap<string, string> = new Map([
  ["LLM", "chat"],
  ["CHAT_MODEL", "chat"],
  ["EMBEDDING", "embeddings"],
  ["RERANKER", "rerank"],
  ["AGENT", "invoke_agent"],
  ["CHAIN", "invoke_workflow"],
  ["WORKFLOW", "invoke_workflow"],
  ["TASK", "task"],
  ["TOOL", "execute_tool"],
  ["RETRIEVER", "retrieval"],
]);

/** Formats that are a provider's own, not a framework's. */
const providerByFormat: ReadonlyMap<string, string> = new Map([
  ["openai", "openai"],
  ["anthropic", "anthropic"],
  ["gemini", "gcp.gemini"],
  ["bedrock", "aws.bedrock"],
  ["mistral", "mistral_ai"],
  ["groq", "groq"],
]);

const modelOperations: ReadonlySet<string> = new Set(["chat", "embeddings", "rerank"]);

export const mlflow: DialectReader = {
  name: "mlflow",

  claims: (attributes) => attributes.has(key.kind),

  read(attributes, span) {
    const kind = word(attributes, key.kind) ?? "";
    const operation = operationByKind.get(kind);
    const isModel = operation !== undefined && modelOperations.has(operation);
    const isTool = operation === "execute_tool";
    return {
      operation: operation ?? kind.toLowerCase(),
      provider: isModel ? providerOf(attributes) : undefined,
      requestModel: isModel ? (word(attributes, key.requestModel) ?? word(attributes, key.model)) : undefined,
      responseModel: isModel ? word(attributes, key.model) : undefined,
      usage: isModel ? readTokens(attributes) : undefined,
      toolName: isTool ? span.name : undefined,
      agentName: operation === "invoke_agent" ? span.name : undefined,
      request: isTool ? undefined : attributes.content(key.inputs),
      response: isTool ? undefined : attributes.content(key.outputs),
      responseIsBody: isModel,
      toolArguments: isTool ? attributes.content(key.inputs) : undefined,
      toolResult: isTool ? attributes.content(key.outputs) : undefined,
      documents: operation === "retrieval" ? attributes.content(key.outputs) : undefined,
    };
  },
};

function word(attributes: AttributeReader, id: KeyId): string | undefined {
  const text = attributes.text(id);
  return text?.startsWith('"') ? wordOf(parseJson(text)) : text;
}

function providerOf(attributes: AttributeReader): string | undefined {
  return word(attributes, key.provider) ?? providerByFormat.get(word(attributes, key.format) ?? "");
}

/** Input includes the cache, whoever the provider is. */
function readTokens(attributes: AttributeReader): TokenCounts | undefined {
  const told = objectOf(shortJson(attributes, key.usage));
  if (told === undefined) return undefined;
  return {
    input: countOf(told.input_tokens),
    output: countOf(told.output_tokens),
    cacheRead: countOf(told.cache_read_input_tokens),
    cacheWrite: countOf(told.cache_creation_input_tokens),
    units: { cache_write_1h_tokens: countOf(told.cache_creation_input_tokens_above_1hr) },
  };
}
