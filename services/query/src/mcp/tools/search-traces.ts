import { traceFilterParameters, traceRangeParameters } from "@spanhouse/schemas/api/trace-filters";
import { type TraceList, type TraceSummary, traceSorts } from "@spanhouse/schemas/api/traces";
import { z } from "zod";
import { clippedFacts, withoutNothing } from "../bounded.ts";
import { mcpTool } from "../mcp-tool.ts";
import { cursorArgument, limitArgument } from "../page-arguments.ts";

export const searchTraces = mcpTool({
  name: "search_traces",
  title: "Search traces",
  description:
    "Traces of LLM programs by user, time, model, outcome, cost, words in prompts or answers and more, newest first or " +
    "greatest first. Without from and to: the last day.",
  input: {
    ...traceRangeParameters,
    ...traceFilterParameters,
    sort: z.enum(traceSorts).default("time").describe("newest first, or greatest by the measure"),
    limit: limitArgument(25, 10),
    cursor: cursorArgument,
  },
  async run(parameters, api, signal) {
    const { from, to, traces, next_cursor } = await api.json<TraceList>("/v1/traces", parameters, signal);
    return { from, to, traces: traces.map(traceFacts), next_cursor };
  },
});

const maxCharacters = 2_000;

/** Of a summary, what helps to choose. */
export function traceFacts(trace: TraceSummary): unknown {
  const { trace_id, state, name, start_time, end_time, duration_us, cost, spans, calls, tool_calls } = trace;
  const { errors, refusals, retries, outcome, outcomes, refusal, error_classes, message } = trace;
  const { user_id, conversation_id, services, features, response_models, tool_names } = trace;
  const { input_tokens, output_tokens, unpriced_calls, unknown_usage_calls, estimated_cost, tags } = trace;
  return clippedFacts(
    {
      trace_id,
      ...withoutNothing({
        ...{
          state,
          name,
          start_time,
          end_time,
          duration_us,
          cost,
          spans,
          calls,
          tool_calls,
          input_tokens,
          output_tokens,
        },
        ...{ errors, refusals, retries, outcome, outcomes, refusal, error_classes, message, user_id, conversation_id },
        ...{ services, features, response_models, tool_names, tags, unpriced_calls, unknown_usage_calls },
        estimated_cost: Number(estimated_cost) === 0 ? null : estimated_cost,
      }),
    },
    maxCharacters,
  );
}
