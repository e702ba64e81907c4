import { countOf, type JsonObject, objectOf, objectsOf, wordOf } from "@spanhouse/schemas/json-value";
import type { ReadExport } from "./import-source.ts";
import {
  exceptionEvent,
  type ImportedSpan,
  keyValues,
  prefixed,
  spanIdOf,
  textValue,
  timeOf,
  traceIdOf,
} from "./imported-span.ts";

/**
 * LangSmith: runs, one a record (`list_runs`, `POST /runs/query`, bulk exports as JSON lines), or with `child_runs` in them.
 * https://docs.langchain.com/langsmith/run-data-format
 */
export const readLangsmith: ReadExport = async function* (records, { onSkipped }) {
  for await (const record of records()) yield* runsOf(record, undefined, onSkipped);
};

function* runsOf(
  run: JsonObject,
  trace: string | undefined,
  onSkipped: (why: string) => void,
): Generator<ImportedSpan> {
  const traceId = wordOf(run.trace_id) ?? trace ?? rootOf(run);
  const span = traceId === undefined ? undefined : runSpan(run, traceId);
  if (span) yield span;
  else onSkipped("a run without id or start_time");
  for (const child of objectsOf(run.child_runs)) {
    yield* runsOf({ parent_run_id: run.id, ...child }, traceId, onSkipped);
  }
}

/** A trace is named after its root, whose id begins the dotted order. */
function rootOf({ dotted_order, id }: JsonObject): string | undefined {
  return /^[^Z.]*Z([0-9a-f-]{36})/.exec(wordOf(dotted_order) ?? "")?.[1] ?? wordOf(id);
}

function runSpan(run: JsonObject, trace: string): ImportedSpan | undefined {
  const id = wordOf(run.id);
  const start = timeOf(run.start_time);
  if (id === undefined || start === undefined) return undefined;
  const end = timeOf(run.end_time) ?? start;
  const extra = objectOf(run.extra) ?? {};
  const metadata = objectOf(extra.metadata) ?? objectOf(run.metadata) ?? {};
  const invocation = objectOf(extra.invocation_params) ?? {};
  const parent = wordOf(run.parent_run_id);
  const error = wordOf(run.error);
  const { usage_metadata: _usage, ls_provider, ls_model_name, ...others } = metadata;
  const first = timeOf(run.first_token_time) ?? firstTokenOf(run);
  return {
    resource: { "service.name": wordOf(run.session_name) },
    span: {
      traceId: traceIdOf("langsmith", trace),
      spanId: spanIdOf("langsmith", id),
      ...(parent === undefined ? {} : { parentSpanId: spanIdOf("langsmith", parent) }),
      name: wordOf(run.name) ?? wordOf(run.run_type) ?? "run",
      ...{ startTimeUnixNano: start, endTimeUnixNano: end },
      attributes: keyValues({
        "gen_ai.operation.name": run.run_type === "llm" ? "chat" : undefined,
        "langsmith.span.kind": wordOf(run.run_type) ?? "chain",
        "langsmith.metadata.ls_provider": ls_provider,
        "langsmith.metadata.ls_model_name": ls_model_name ?? invocation.model ?? invocation.model_name,
        "langsmith.usage_metadata": textValue(usageOf(run, metadata)),
        "gen_ai.response.time_to_first_chunk":
          first === undefined || first <= start ? undefined : Number(first - start) / 1e9,
        ...prefixed("langsmith.metadata.", others),
        "spanhouse.tags": Array.isArray(run.tags) ? run.tags.filter((tag) => typeof tag === "string") : [],
        "gen_ai.prompt": textValue(run.inputs),
        "gen_ai.completion": textValue(run.outputs),
      }),
      ...(error === undefined ? {} : { status: { code: 2, message: error }, events: [exceptionEvent(end, error)] }),
    },
  };
}

function firstTokenOf({ events }: JsonObject): bigint | undefined {
  return timeOf(objectsOf(events).find(({ name }) => name === "new_token")?.time);
}

/** LangChain's `UsageMetadata` wherever a run has it; else the sums of the run itself. */
function usageOf(run: JsonObject, metadata: JsonObject): JsonObject | undefined {
  const outputs = objectOf(run.outputs) ?? {};
  const generation = objectsOf([outputs.generations].flat(3))[0];
  const message = objectOf(generation?.message) ?? objectOf(outputs.output);
  const told =
    objectOf(metadata.usage_metadata) ??
    objectOf(outputs.usage_metadata) ??
    objectOf(objectOf(message?.kwargs)?.usage_metadata) ??
    objectOf(message?.usage_metadata);
  if (told) return told;
  const [input, output] = [countOf(run.prompt_tokens), countOf(run.completion_tokens)];
  if (input === undefined || output === undefined || input + output === 0) return undefined;
  return {
    ...{ input_tokens: input, output_tokens: output, total_tokens: input + output },
    input_token_details: objectOf(run.prompt_token_details) ?? undefined,
    output_token_details: objectOf(run.completion_token_details) ?? undefined,
  };
}
