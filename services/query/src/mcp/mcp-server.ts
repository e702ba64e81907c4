import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";
import type { ApiQuestions } from "../api-questions.ts";
import { version } from "../version.ts";
import type { McpTool } from "./mcp-tool.ts";
import { compareTraces } from "./tools/compare-traces.ts";
import { diagnoseTrace } from "./tools/diagnose-trace.ts";
import { queryMetrics } from "./tools/query-metrics.ts";
import { readBytes } from "./tools/read-bytes.ts";
import { readMessages } from "./tools/read-messages.ts";
import { readSpan } from "./tools/read-span.ts";
import { readTrace } from "./tools/read-trace.ts";
import { searchTraces } from "./tools/search-traces.ts";
import { untrusted, untrustedNotice } from "./untrusted.ts";

const tools: readonly McpTool[] = [
  ...[searchTraces, readTrace, readSpan, readMessages, readBytes],
  ...[queryMetrics, diagnoseTrace, compareTraces],
];

const instructions =
  "Spanhouse: traces, exact spend and latency of LLM programs. Begin with search_traces or query_metrics; then read_trace, " +
  `diagnose_trace and, for one span, read_span and read_messages. ${untrustedNotice}`;

/** An MCP server whose tools ask the query API, and only read. To be connected to a transport. */
export function createMcpServer(api: ApiQuestions): McpServer {
  const server = new McpServer({ name: "spanhouse", title: "Spanhouse", version }, { instructions });
  for (const { name, title, description, input, run } of tools) {
    server.registerTool(
      name,
      {
        ...{ title, description, inputSchema: z.strictObject(input) },
        annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
      },
      async (args, { signal }) => {
        try {
          return { content: [{ type: "text" as const, text: untrusted(await run(args, api, signal)) }] };
        } catch (error) {
          if (!(error instanceof SpanhouseError)) throw error;
          return { isError: true, content: [{ type: "text" as const, text: `${error.code}: ${error.message}` }] };
        }
      },
    );
  }
  return server;
}
