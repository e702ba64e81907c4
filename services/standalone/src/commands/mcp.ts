import { once } from "node:events";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { createMcpServer } from "@spanhouse/query/mcp/mcp-server";
import type { Command } from "../command.ts";
import { parseOptions } from "../parse-options.ts";
import { connectionUsage, connectQuery } from "../reading/query-connection.ts";

export const mcp: Command = {
  usage: `spanhouse mcp

A server of the Model Context Protocol on stdin and stdout, for assistants that start one (docs/guides/mcp.md): they search
traces, read them in pages, ask for metrics, diagnose and compare. It reads only, and what its key may read.

${connectionUsage}`,

  async run(args, { environment, signal }) {
    const { values } = parseOptions((parseArgs) =>
      parseArgs({ args: [...args], options: { data: { type: "string" } } }),
    );
    const server = createMcpServer(connectQuery(environment, values.data));
    const transport = new StdioServerTransport();
    const closed = new Promise<void>((resolve) => {
      server.server.onclose = resolve;
      // Whoever started us went.
      process.stdin.once("end", resolve);
    });
    await server.connect(transport);
    await Promise.race([closed, ...(signal.aborted ? [] : [once(signal, "abort")])]);
    await server.close();
    return 0;
  },
};
