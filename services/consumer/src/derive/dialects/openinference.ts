import { wordOf } from "@spanhouse/schemas/json-value";
import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import type { AttributeReader } from "../attribute-reader.ts";
import { utf8 } from "../key-prefix.ts";
import type { TokenCounts } from "../usage.ts";
import type { DialectReader } from "./dialect-reader.ts";
import { readIndexed } from "./indexed-attributes.ts";
import { answerOf } from "./message-answer.ts";
import { shortJson } from "./short-json.ts";

/** https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md */
const key = {
  spanKind: keyId("openinference.span.kind"),
  provider: keyId("llm.provider"),
  system: keyId("llm.system"),
  model: keyId("llm.model_name"),
  requestModel: keyId("llm.request.model_name"),
  responseModel: keyId("llm.response.model_name"),
  embeddingModel: keyId("embedding.model_name"),
  rerankerModel: keyId("reranker.model_name"),
  prompt: keyId("llm.token_count.prompt"),
  completion: keyId("llm.token_count.completion"),
  cacheRead: keyId("llm.token_count.prompt_details.cache_read"),
  cacheWrite: keyId("llm.token_count.prompt_details.cache_write"),
  promptAudio: keyId("llm.token_count.prompt_details.audio"),
  reasoning: keyId("llm.token_count.completion_details.reasoning"),
  completionAudio: keyId("llm.token_count.completion_details.audio"),
  finishReason: keyId("llm.finish_reason"),
  input: keyId("input.value"),
  output: keyId("output.value"),
  toolName: keyId("tool.name"),
  toolId: keyId("tool.id"),
  toolParameters: keyId("tool.parameters"),
  agentName: keyId("agent.name"),
  parameters: keyId("llm.invocation_parameters"),
} as const;

const inputMessages = utf8("llm.input_messages.");
const outputMessages = utf8("llm.output_messages.");
const retrievedDocuments = utf8("retrieval.documents.");

const operationByKind: ReadonlyMap<string, string> = new Map([
  ["LLM", "chat"],
  ["EMBEDDING", "embeddings"],
  ["RERANKER", "rerank"],
  ["CHAIN", "invoke_workflow"],
  ["AGENT", "invoke_agent"],
  ["TOOL", "execute_tool"],
  ["RETRIEVER", "retrieval"],
]);

export const openinference: DialectReader = {
  name: "openinference",

  claims: (attributes) => attributes.has(key.spanKind),

  read(attributes, span) {
    const kind = attributes.text(key.spanKind)?.toUpperCase() ?? "";
    const model = attributes.text(key.model, key.embeddingModel, key.rerankerModel);
    const isModel = kind === "LLM" || kind === "EMBEDDING";
    // A call that failed may name its model there alone.
    const asked = model === undefined && isModel ? wordOf(shortJson(attributes, key.parameters)?.model) : undefined;
    const isTool = kind === "TOOL";
    const input = attributes.content(...(isTool ? [key.toolParameters, key.input] : [key.input]));
    const output = attributes.content(key.output);
    const request = isTool ? undefined : (input ?? readIndexed(attributes, inputMessages));
    const response = isTool ? undefined : (output ?? readIndexed(attributes, outputMessages));
    const said = kind === "LLM" && response ? answerOf(response) : undefined;
    return {
      operation: preparesRequest(span)
        ? "prepare_request"
        : (operationByKind.get(kind) ?? (kind.toLowerCase() || undefined)),
      provider: attributes.text(key.provider, key.system),
      // Where there is one name only, the response's has overwritten the request's.
      requestModel: attributes.text(key.requestModel) ?? model ?? asked,
      responseModel: attributes.text(key.responseModel) ?? model,
      toolName: attributes.text(key.toolName) ?? (isTool ? span.name : undefined),
      toolCallId: attributes.text(key.toolId),
      agentName: attributes.text(key.agentName),
      usage: readTokens(attributes),
      finishReasons: attributes.texts(key.finishReason),
      answer: said?.answer,
      refusal: said?.refusal,
      request,
      response,
      responseIsBody: kind === "LLM" && output !== undefined,
      toolArguments: isTool ? input : undefined,
      toolResult: isTool ? output : undefined,
      documents: kind === "RETRIEVER" ? readIndexed(attributes, retrievedDocuments) : undefined,
    };
  },
};

/** LlamaIndex has a span of kind LLM for the method that only puts the request together. */
function preparesRequest({ name }: DecodedSpan): boolean {
  return name.endsWith("._prepare_chat_with_tools");
}

function readTokens(attributes: AttributeReader): TokenCounts | undefined {
  const input = attributes.count(key.prompt);
  const output = attributes.count(key.completion);
  if (input === undefined && output === undefined) return undefined;
  return {
    input,
    output,
    cacheRead: attributes.count(key.cacheRead),
    cacheWrite: attributes.count(key.cacheWrite),
    reasoning: attributes.count(key.reasoning),
    units: {
      input_audio_tokens: attributes.count(key.promptAudio),
      output_audio_tokens: attributes.count(key.completionAudio),
    },
  };
}
