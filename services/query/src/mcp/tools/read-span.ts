import type { SpanDetail } from "@spanhouse/schemas/api/spans";
import { spanIdSchema, traceIdSchema } from "@spanhouse/schemas/api/values";
import { clippedFacts, withoutNothing } from "../bounded.ts";
import { mcpTool } from "../mcp-tool.ts";

export const readSpan = mcpTool({
  name: "read_span",
  title: "Read a span's facts",
  description:
    "All that is known of a span but its texts: usage, price with its source and rule, outcome, owners, attributes, " +
    "events. text_bytes says how long its texts are: read them with read_messages or read_bytes.",
  input: { trace_id: traceIdSchema, span_id: spanIdSchema },
  async run({ trace_id, span_id }, api, signal) {
    const span = await api.json<SpanDetail>(`/v1/traces/${trace_id}/spans/${span_id}`, {}, signal);
    const { request: _request, response: _response, tool_arguments: _arguments, tool_result: _result, ...rest } = span;
    const { documents: _documents, attributes, resource_attributes, events, links, text_bytes, ...facts } = rest;
    const plain = (list: typeof attributes) => Object.fromEntries(list.map(({ key, value }) => [key, value]));
    return clippedFacts(
      {
        ...withoutNothing(facts),
        text_bytes,
        ...withoutNothing({ attributes: plain(attributes), resource: plain(resource_attributes), events, links }),
      },
      20_000,
    );
  },
});
