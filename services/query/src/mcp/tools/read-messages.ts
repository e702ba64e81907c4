import { spanIdSchema, traceIdSchema } from "@spanhouse/schemas/api/values";
import type { Rendering } from "@spanhouse/schemas/messages/message";
import { mcpTool } from "../mcp-tool.ts";
import { limitArgument, offsetArgument } from "../page-arguments.ts";
import { transcript } from "../transcript.ts";

export const readMessages = mcpTool({
  name: "read_messages",
  title: "Read what was said",
  description:
    "The messages of a model call, or what a retrieval found, as one text in pages: system, history, answer, tool calls. " +
    "For the exact bytes see read_bytes.",
  input: {
    trace_id: traceIdSchema,
    span_id: spanIdSchema,
    offset: offsetArgument.describe("characters; next_offset of the page before"),
    limit: limitArgument(20_000, 8_000).describe("characters"),
  },
  async run({ trace_id, span_id, offset, limit }, api, signal) {
    const said = await api.json<Rendering & { readonly fidelity: string }>(
      ...([`/v1/traces/${trace_id}/spans/${span_id}/messages`, {}, signal] as const),
    );
    const text = transcript(said);
    const end = wholeLetters(text, Math.min(text.length, offset + limit));
    return {
      fidelity: said.fidelity,
      tools_offered: said.tools.slice(0, 50).map(({ name }) => name.slice(0, 100)),
      ...{ offset, total: text.length, next_offset: end < text.length ? end : null },
      text: text.slice(offset, end),
    };
  },
});

/** Not between the halves of a surrogate pair. */
function wholeLetters(text: string, end: number): number {
  const code = text.charCodeAt(end - 1);
  return end < text.length && end > 1 && code >= 0xd800 && code < 0xdc00 ? end - 1 : end;
}
