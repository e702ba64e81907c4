import type { KeyId } from "@spanhouse/schemas/otlp/attributes";
import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import type { DialectReader } from "./dialect-reader.ts";

/**
 * Mastra's OtelExporter: the GenAI names, which `semconv.ts` reads, with operations of its own, and input and output under
 * names that hold the span's type. Since 1.x the call is `model_inference`; before it was `model_generation`, which is now
 * the loop above the steps: the operation tells which.
 * https://github.com/mastra-ai/mastra, observability/otel-exporter/src/gen-ai-semantics.ts
 */
const key = {
  type: keyId("mastra.span.type"),
  operation: keyId("gen_ai.operation.name"),
  userId: keyId("mastra.metadata.userId"),
  sessionId: keyId("mastra.metadata.sessionId"),
} as const;

/** Of types whose operation the conventions have not. */
const operationByType: ReadonlyMap<string, string> = new Map([
  ["model_generation", "task"],
  ["model_step", "task"],
  ["workflow_run", "invoke_workflow"],
  ["workflow_step", "task"],
  ["workflow_parallel", "task"],
  ["workflow_loop", "task"],
  ["rag_embedding", "embeddings"],
]);

/** Types that say what went in and came out, by the names they say it under. */
const textsByType: ReadonlyMap<string, { readonly input: KeyId; readonly output: KeyId }> = new Map(
  ["agent_run", "model_generation", "model_step", "workflow_run", "workflow_step", "rag_embedding", "generic"].map(
    (type) => [type, { input: keyId(`mastra.${type}.input`), output: keyId(`mastra.${type}.output`) }],
  ),
);

export const mastra: DialectReader = {
  name: "mastra",

  claims: (attributes) => attributes.has(key.type),

  read(attributes) {
    const type = attributes.text(key.type) ?? "";
    const isCall = attributes.text(key.operation) === "chat";
    const texts = textsByType.get(type);
    return {
      operation: isCall ? undefined : operationByType.get(type),
      userId: attributes.text(key.userId),
      conversationId: attributes.text(key.sessionId),
      request: texts && attributes.content(texts.input),
      response: texts && attributes.content(texts.output),
    };
  },
};
