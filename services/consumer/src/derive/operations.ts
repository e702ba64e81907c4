import type { Family, Role } from "@spanhouse/schemas/span";

/** What an operation is to the sum of spend. */
export interface OperationMeaning {
  readonly role: Role;
  readonly family: Family;
  /** It is a call that consumes tokens whether or not it says so. */
  readonly usageExpected: boolean;
}

const generation: OperationMeaning = { role: "model", family: "generate", usageExpected: true };
const embedding: OperationMeaning = { role: "model", family: "embed", usageExpected: true };
const rerank: OperationMeaning = { role: "model", family: "rerank", usageExpected: true };
const wrapper: OperationMeaning = { role: "wrapper", family: "generate", usageExpected: false };
const tool: OperationMeaning = { role: "tool", family: "none", usageExpected: false };
const retrieval: OperationMeaning = { role: "retrieval", family: "none", usageExpected: false };
const other: OperationMeaning = { role: "other", family: "none", usageExpected: false };

/** `gen_ai.operation.name` of semantic conventions, and what instrumentations add. */
const meanings: ReadonlyMap<string, OperationMeaning> = new Map([
  ["chat", generation],
  ["text_completion", generation],
  ["completion", generation],
  ["generate_content", generation],
  ["responses", generation],
  // Polled while the response is not ready: only the last poll has usage.
  ["fetch_response", { ...generation, usageExpected: false }],
  ["embeddings", embedding],
  ["embedding", embedding],
  ["rerank", rerank],
  ["invoke_agent", wrapper],
  ["invoke_workflow", wrapper],
  ["plan", wrapper],
  ["execute_tool", tool],
  ["retrieval", retrieval],
  ["task", wrapper],
  ["create_agent", other],
  // The request of a stream that another span tells of (Logfire).
  ["open_stream", other],
  // What a framework does before it asks (LlamaIndex).
  ["prepare_request", other],
]);

/** An operation of another name is a generation where it names a model, else nothing that spends. */
export function meaningOf(operation: string, namesModel: boolean): OperationMeaning {
  return meanings.get(operation) ?? (namesModel ? generation : other);
}
