import type { Slice } from "@spanhouse/schemas/slice";
import type { ToolExchange } from "@spanhouse/schemas/span";
import type { Answer } from "./answer.ts";
import type { OperationMeaning } from "./operations.ts";
import { clip } from "./short-text.ts";
import { returnedToolCalls } from "./tool-results.ts";

const callLimit = 32;

/** What tools a generation called and what results it was given; of anything else nothing is known. */
export function toolExchangeOf(
  { role, family }: OperationMeaning,
  answer: Answer | undefined,
  request: Slice | undefined,
): ToolExchange | undefined {
  if (role !== "model" || family !== "generate") return undefined;
  const asked = answer?.toolCalls ?? [];
  const results = request === undefined ? [] : returnedToolCalls(request);
  if (asked.length === 0 && results.length === 0) return undefined;
  return { calls: asked.slice(0, callLimit).map(({ id, name }) => ({ id: clip(id), name: clip(name) })), results };
}
