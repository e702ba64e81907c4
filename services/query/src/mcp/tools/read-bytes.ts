import { isUtf8 } from "node:buffer";
import { spanTexts } from "@spanhouse/schemas/api/spans";
import { spanIdSchema, traceIdSchema } from "@spanhouse/schemas/api/values";
import { z } from "zod";
import { mcpTool } from "../mcp-tool.ts";
import { limitArgument, offsetArgument } from "../page-arguments.ts";

export const readBytes = mcpTool({
  name: "read_bytes",
  title: "Read exact bytes",
  description:
    "The bytes of a span's request, response, tool arguments or tool result as they were received, in pages. Offsets are " +
    "bytes, as in the evidence of diagnose_trace. What is not UTF-8 comes as base64.",
  input: {
    trace_id: traceIdSchema,
    span_id: spanIdSchema,
    field: z.enum(spanTexts),
    offset: offsetArgument.describe("bytes; next_offset of the page before"),
    limit: limitArgument(20_000, 8_000).describe("bytes"),
  },
  async run({ trace_id, span_id, field, offset, limit }, api, signal) {
    const bytes = await api.bytes(`/v1/traces/${trace_id}/spans/${span_id}/${field}`, signal);
    const start = letterStart(bytes, Math.min(offset, bytes.length));
    const wished = letterStart(bytes, Math.min(bytes.length, start + limit));
    const end = wished > start ? wished : Math.min(bytes.length, start + limit);
    const page = bytes.subarray(start, end);
    const encoding = isUtf8(page) ? "utf8" : "base64";
    return {
      ...{ field, offset: start, total: bytes.length, next_offset: end < bytes.length ? end : null, encoding },
      text: page.toString(encoding),
    };
  },
});

/** Where the UTF-8 character begins that the byte is of: at most three bytes before. */
function letterStart(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > 0 && at - start < 3 && start < bytes.length && (bytes[start]! & 0xc0) === 0x80) start--;
  return start;
}
